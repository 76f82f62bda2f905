#ifndef CONTEXT_SRC_ADDON_H_
#define CONTEXT_SRC_ADDON_H_

#include <napi.h>

#include <memory>
#include <vector>

#include "addon_usage.h"
#include "addon_waits.h"
#include "addon_watch.h"
#include "idle_time.h"
#include "tables.h"

namespace context {

// The JavaScript interface of the core, one per environment (the main thread, each worker). No hot path calls
// it: JavaScript writes records, and the number of the active one, to memory shared with the core. The
// runtime allocates all shared memory, because runtimes with a memory cage (Electron) accept no other.
//
// lib/ passes valid arguments and writes valid records. The core doesn't rely on that: it checks arguments,
// numbers in shared memory, and whether JavaScript has detached the memory.
//
// A worker may be terminated during a call. Node-API calls then fail and return empty values. The result no
// longer matters, but empty values must not be dereferenced.
class Core : public Napi::Addon<Core> {
 public:
  // The exports are the methods below, and
  //
  //   layout: { slot, enclosing, depth, serial, frame, next, labels, words, recordsPerPage, recordsPerChunk,
  //     entryWords, labelWords, labelPageWords, labelChunkWords, labelKeys, clockWords }, all numbers: the
  //     index of each word in a record, the sizes of records, pages and chunks, and those of labels and the
  //     clock. lib/frames compares them with its own.
  //   activeWord: Int32Array of length 1. The async-hooks engine, or the tracker, writes the record of the
  //     active snapshot to it, 0 for none, kUnknownRecord if that is unknown. It is written last, when
  //     everything else about a switch is done.
  //   clock: Int32Array of length kClockWords, which the watchdog's thread writes.
  Core(Napi::Env env, Napi::Object exports);

 private:
  // createNamespace(name: string, owner: object) → number: the slot of a new namespace, which is reused after
  // `owner` was collected.
  Napi::Value CreateNamespace(const Napi::CallbackInfo& info);

  // openPage(owner: object) → number: the number of the first record of an empty page, which is in use until
  // `owner` is collected.
  Napi::Value OpenPage(const Napi::CallbackInfo& info);

  // openLabelPage(owner: object) → number: the number of the first word of an empty label page, which is in
  // use until `owner` is collected.
  Napi::Value OpenLabelPage(const Napi::CallbackInfo& info);

  // labelMemoryOf(number: number) → Int32Array: the memory of the chunk that currently contains a word; of
  // length 0 if JavaScript has detached it. RangeError if there is no such page.
  Napi::Value LabelMemoryOf(const Napi::CallbackInfo& info);

  // labelPlaceOf(number: number) → number: the current position of a page, in words counted over all chunks.
  // RangeError if there is no such page.
  Napi::Value LabelPlaceOf(const Napi::CallbackInfo& info);

  // moveLabelPages(): moves label pages if much memory is held for few. The owner of a moved page must look
  // up its position before it writes. reclaim() frees the memory.
  Napi::Value MoveLabelPages(const Napi::CallbackInfo& info);

  // nextMovedLabelPage() → object | undefined: the owner of a moved page; another one with each call.
  Napi::Value NextMovedLabelPage(const Napi::CallbackInfo& info);

  // nameKey(slot: number, index: number, key: string): names the labels with this index.
  Napi::Value NameKey(const Napi::CallbackInfo& info);

  // labelsOf(record: number) → Record<string, string>: the labels of a record's context; literals as text.
  // RangeError if there is no such record.
  Napi::Value LabelsOf(const Napi::CallbackInfo& info);

  // memoryOf(record: number) → Int32Array: the memory of the chunk that contains a record; of length 0 if
  // JavaScript has detached it. RangeError if there is no such record.
  Napi::Value MemoryOf(const Napi::CallbackInfo& info);

  // activeRecord() → number: activeWord, or 0 if JavaScript has detached it.
  Napi::Value ActiveRecord(const Napi::CallbackInfo& info);

  // describe(record: number) → Array<{ name, slot, serial, depth, enclosing }>: the active frames of the
  // snapshot of that record, as the core knows them; namespaces in their default contexts are not among them.
  // None for kUnknownRecord. RangeError if the core has no such record, or one that it leads to.
  Napi::Value Describe(const Napi::CallbackInfo& info);

  // reclaim() → number: frees memory of collected owners. Returns the number of open pages, including label
  // pages.
  Napi::Value Reclaim(const Napi::CallbackInfo& info);

  // stats() → { pages: number, bytes: number }: the pages of living owners, and the memory for pages and
  // labels, including a reserve. Reclaims first.
  Napi::Value Stats(const Napi::CallbackInfo& info);

  // startWatchdog(options: object) → boolean: starts watching the event loop of this thread, see
  // LoopWatch::Start. Error if it is already watched.
  Napi::Value StartWatchdog(const Napi::CallbackInfo& info);

  // stopWatchdog(): does nothing if the loop is not watched.
  Napi::Value StopWatchdog(const Napi::CallbackInfo& info);

  // currentBlock() → Turn | undefined: see LoopWatch::Current. Undefined if the loop is not watched.
  Napi::Value CurrentBlock(const Napi::CallbackInfo& info);

  // holdIdleTime(): keeps the loop's idle time correct while V8 takes samples, until releaseIdleTime() was
  // called as often; see idle_time.h.
  Napi::Value HoldIdleTime(const Napi::CallbackInfo& info);
  Napi::Value ReleaseIdleTime(const Napi::CallbackInfo& info);

  // shareClocks(memory: Float64Array): sets the memory for readClocks, see UsageClocks::Share. TypeError if
  // it is unsuitable.
  Napi::Value ShareClocks(const Napi::CallbackInfo& info);

  // readClocks(): writes the idle time and the CPU time to that memory.
  Napi::Value ReadClocks(const Napi::CallbackInfo& info);

  // noteWaits(): writes to that memory each time that the loop is about to wait, until ignoreWaits() was
  // called as often.
  Napi::Value NoteWaits(const Napi::CallbackInfo& info);
  Napi::Value IgnoreWaits(const Napi::CallbackInfo& info);

  // Closes pages whose owners were collected, and frees empty chunks. Returns how many free pages to keep as
  // a reserve.
  std::size_t ReclaimPages(Napi::Env env);

  // The record with a number; nullptr if no open page contains it or its memory was detached.
  const Record* Find(Napi::Env env, std::int32_t record) const;

  // The position of a page; -1 if there is none.
  std::int32_t LabelPlace(const Napi::Value& number) const;

  // Closes label pages whose owners were collected.
  void CloseLabelPages();

  // Does that, and frees empty chunks except for a reserve.
  void ReclaimLabelPages(Napi::Env env);

  // Whether JavaScript has not detached the memory of any label page.
  bool HasLabelMemory(Napi::Env env) const;

  // Shared with the finalizers of namespaces' owners and with the watchdog: finalizers may run after the Core
  // was destroyed at the end of an environment.
  std::shared_ptr<Tables> tables_ = std::make_shared<Tables>();
  std::vector<Napi::ObjectReference> page_owners_;  // by page; weak, so that frames can be collected
  std::vector<Napi::Reference<Napi::Int32Array>> chunk_memory_;  // by chunk
  std::vector<Napi::ObjectReference> label_owners_;              // by page of labels, weak
  std::vector<Napi::Reference<Napi::Int32Array>> label_memory_;  // by chunk of labels
  std::vector<std::int32_t> moved_label_pages_;                  // whose owners were not returned yet
  Napi::Reference<Napi::Int32Array> active_word_;
  Napi::Reference<Napi::Int32Array> clock_;
  UsageClocks clocks_;
  IdleTime idle_time_;
  WaitNotes* wait_notes_ = nullptr;  // deletes itself
  int wait_noters_ = 0;
  LoopWatch* watch_ = nullptr;  // nullptr while the loop is not watched
};

}  // namespace context

#endif  // CONTEXT_SRC_ADDON_H_
