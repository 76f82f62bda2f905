#ifndef CONTEXT_SRC_ADDON_H_
#define CONTEXT_SRC_ADDON_H_

#include <napi.h>

#include <memory>
#include <vector>

#include "addon_usage.h"
#include "addon_watch.h"
#include "idle_time.h"
#include "tables.h"

namespace context {

// The core's face towards JavaScript, one for each environment (the main thread, each worker). Nothing here
// is called where it is hot: JavaScript writes records, and which of them is active, into memory that it
// shares with the core. All shared memory is allocated by the runtime, because one with a memory cage
// (Electron) accepts no other.
//
// lib/ passes valid arguments and writes valid records. The core does not rely on it: it checks arguments,
// and the numbers that it finds in shared memory, and that JavaScript has not detached the memory.
//
// A worker may be terminated in the middle of a call. Calls of Node-API fail then, and give empty values:
// nothing that is returned matters any more, but no empty value may be looked into.
class Core : public Napi::Addon<Core> {
 public:
  // The exports are the methods below, and
  //
  //   layout: { slot, enclosing, depth, serial, frame, next, labels, words, recordsPerPage, recordsPerChunk,
  //     entryWords, labelWords, labelPageWords, labelChunkWords, labelKeys }, all numbers: the place of each
  //     word in a record, how many words it has, and how many records are in a page and in a chunk; of labels
  //     what label_table.h has. lib/frames compares them with its own.
  //   activeWord: Int32Array of length 1, into which the async-hooks engine, or the tracker, writes the
  //   record
  //     of the snapshot that is active now, 0 for none, kUnknownRecord if it does not know. It is written
  //     last, when everything else about a switch is done.
  //   clock: Int32Array of length 1, from which JavaScript reads about when it is; 0 while no watchdog runs.
  Core(Napi::Env env, Napi::Object exports);

 private:
  // createNamespace(name: string, owner: object) → number: the slot of a new namespace. It is used again once
  // `owner` has been collected.
  Napi::Value CreateNamespace(const Napi::CallbackInfo& info);

  // openPage(owner: object) → number: the number of the first record of an empty page, which is in use until
  // `owner` has been collected.
  Napi::Value OpenPage(const Napi::CallbackInfo& info);

  // openLabelPage(owner: object) → number: the number of the first word of an empty page of labels, which is
  // in use until `owner` has been collected.
  Napi::Value OpenLabelPage(const Napi::CallbackInfo& info);

  // labelMemoryOf(number: number) → Int32Array: the memory of the chunk that this is in now. Its length is 0
  // if JavaScript has detached it. RangeError if there is no such page.
  Napi::Value LabelMemoryOf(const Napi::CallbackInfo& info);

  // labelPlaceOf(number: number) → number: where the page of this begins now: which word, counted over all
  // chunks. RangeError if there is no such page.
  Napi::Value LabelPlaceOf(const Napi::CallbackInfo& info);

  // moveLabelPages(): moves pages of labels, if much memory is held for few. None of those that were moved
  // may be written to before its owner has asked where it is. reclaim() gives the memory back.
  Napi::Value MoveLabelPages(const Napi::CallbackInfo& info);

  // nextMovedLabelPage() → object | undefined: the owners of pages that were moved, one with each call.
  Napi::Value NextMovedLabelPage(const Napi::CallbackInfo& info);

  // nameKey(slot: number, index: number, key: string): how the labels of this index are called.
  Napi::Value NameKey(const Napi::CallbackInfo& info);

  // labelsOf(record: number) → Record<string, string>: the labels of the context of a record, as the core
  // knows them; literals as their text. RangeError if the core has no such record.
  Napi::Value LabelsOf(const Napi::CallbackInfo& info);

  // memoryOf(record: number) → Int32Array: the memory of the chunk that the record lies in. Its length is 0
  // if JavaScript has detached it. RangeError if the core has no such record.
  Napi::Value MemoryOf(const Napi::CallbackInfo& info);

  // activeRecord() → number: what activeWord says, 0 if JavaScript has detached it.
  Napi::Value ActiveRecord(const Napi::CallbackInfo& info);

  // describe(record: number) → Array<{ name, slot, serial, depth, enclosing }>: the active frames of the
  // snapshot of that record, as the core knows them; namespaces in their default contexts are not among them.
  // None for kUnknownRecord. RangeError if the core has no such record, or one that it leads to.
  Napi::Value Describe(const Napi::CallbackInfo& info);

  // reclaim() → number: gives back the memory that was in use for owners that have been collected. Returns
  // how many pages are open after that, those of labels included.
  Napi::Value Reclaim(const Napi::CallbackInfo& info);

  // stats() → { pages: number, bytes: number }: the pages whose owners have not been collected, and the
  // memory that the core holds for pages and for labels, a reserve included. Reclaims first.
  Napi::Value Stats(const Napi::CallbackInfo& info);

  // startWatchdog(options: object): has the event loop of this thread watched, see LoopWatch::Start. Error if
  // it is watched already.
  Napi::Value StartWatchdog(const Napi::CallbackInfo& info);

  // stopWatchdog(): does nothing if it is not watched.
  Napi::Value StopWatchdog(const Napi::CallbackInfo& info);

  // holdIdleTime(): has the loop's waiting counted as it is, though V8 takes samples, until releaseIdleTime()
  // was called as often; see idle_time.h.
  Napi::Value HoldIdleTime(const Napi::CallbackInfo& info);
  Napi::Value ReleaseIdleTime(const Napi::CallbackInfo& info);

  // shareClocks(memory: Float64Array): has clocks read into it, see UsageClocks::Share. TypeError if it is
  // not as is said there.
  Napi::Value ShareClocks(const Napi::CallbackInfo& info);

  // readClocks(): writes all of them.
  Napi::Value ReadClocks(const Napi::CallbackInfo& info);

  // Closes the pages whose owners have been collected and frees the memory of chunks that are left empty.
  // Returns how many free pages are to be kept as a reserve.
  std::size_t ReclaimPages(Napi::Env env);

  // The record of a number, nullptr if no open page holds it or its memory was detached.
  const Record* Find(Napi::Env env, std::int32_t record) const;

  // Where the page of a number begins, -1 if there is none.
  std::int32_t LabelPlace(const Napi::Value& number) const;

  // Closes the pages of labels whose owners have been collected.
  void CloseLabelPages();

  // Does that, and frees the memory of chunks that are left empty, but for a reserve.
  void ReclaimLabelPages(Napi::Env env);

  // Whether JavaScript has left the memory of all pages of labels as it is.
  bool HasLabelMemory(Napi::Env env) const;

  // Shared with the finalizers of namespaces' owners, and with the watchdog: at the end of an environment
  // finalizers may run after the Core is gone.
  std::shared_ptr<Tables> tables_ = std::make_shared<Tables>();
  std::vector<Napi::ObjectReference> page_owners_;  // by page, weak: a page must not keep its frames alive
  std::vector<Napi::Reference<Napi::Int32Array>> chunk_memory_;  // by chunk
  std::vector<Napi::ObjectReference> label_owners_;              // by page of labels, weak
  std::vector<Napi::Reference<Napi::Int32Array>> label_memory_;  // by chunk of labels
  std::vector<std::int32_t> moved_label_pages_;                  // whose owners do not know it yet
  Napi::Reference<Napi::Int32Array> active_word_;
  Napi::Reference<Napi::Int32Array> clock_;
  UsageClocks clocks_;
  IdleTime idle_time_;
  LoopWatch* watch_ = nullptr;  // nullptr while the loop is not watched
};

}  // namespace context

#endif  // CONTEXT_SRC_ADDON_H_
