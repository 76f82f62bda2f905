#ifndef CONTEXT_SRC_CORE_H_
#define CONTEXT_SRC_CORE_H_

#include <napi.h>

#include <memory>
#include <vector>

#include "execution_stack.h"
#include "frame_table.h"
#include "namespace_table.h"

namespace context {

// The core's face towards JavaScript, one for each environment (the main thread, each worker). Nothing here
// is called where it is hot: JavaScript writes frames, counters and the execution stack into memory that it
// shares with the core. All shared memory is allocated by the runtime, because one with a memory cage
// (Electron) accepts no other. lib/ checks all arguments; a call with others throws a TypeError.
//
// A worker may be terminated in the middle of a call. Calls of Node-API fail then, and give empty values:
// nothing that is returned matters any more, but no empty value may be looked into.
class Core : public Napi::Addon<Core> {
 public:
  Core(Napi::Env env, Napi::Object exports);

 private:
  // createNamespace(name: string) → { slot: number, counters: Float64Array }: the slot of a new namespace. It
  // is used again once `counters` has been collected.
  Napi::Value CreateNamespace(const Napi::CallbackInfo& info);

  // openPage(owner: object) → number: the number of the first record of an empty page, which is in use until
  // `owner` has been collected.
  Napi::Value OpenPage(const Napi::CallbackInfo& info);

  // memoryOf(record: number) → Int32Array: the memory of the chunk that the record lies in. RangeError where
  // there is none.
  Napi::Value MemoryOf(const Napi::CallbackInfo& info);

  // growStack() → Float64Array: the execution stack, moved into new memory with twice the levels.
  Napi::Value GrowStack(const Napi::CallbackInfo& info);

  // activeRecord() → number: the record of the snapshot on top of the execution stack, 0 for none.
  Napi::Value ActiveRecord(const Napi::CallbackInfo& info);

  // describe(record: number) → Array<{ name, slot, serial, depth, enclosing }>: the active frames of the
  // snapshot of that record, as the core knows them; namespaces in their default contexts are not among them.
  // RangeError where the core has no such record.
  Napi::Value Describe(const Napi::CallbackInfo& info);

  // stats() → { pages: number, bytes: number }: the pages whose owners have not been collected, and their
  // memory.
  Napi::Value Stats(const Napi::CallbackInfo& info);

  // Closes the pages whose owners have been collected.
  void ClosePages();

  // Shared with the finalizers of namespaces' counters: at the end of an environment they may run after the
  // Core is gone.
  std::shared_ptr<NamespaceTable> namespaces_ = std::make_shared<NamespaceTable>();
  FrameTable frames_;
  ExecutionStack stack_;
  std::vector<Napi::ObjectReference> page_owners_;  // by page, weak: a page must not keep its frames alive
  std::vector<Napi::Reference<Napi::Int32Array>> chunk_memory_;  // by chunk
  Napi::Reference<Napi::Float64Array> stack_memory_;
};

}  // namespace context

#endif  // CONTEXT_SRC_CORE_H_
