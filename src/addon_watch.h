#ifndef CONTEXT_SRC_ADDON_WATCH_H_
#define CONTEXT_SRC_ADDON_WATCH_H_

#include <napi.h>
#include <uv.h>

#include <atomic>
#include <cstdint>
#include <memory>

#include "watchdog.h"

namespace context {

struct StackRequest;

// Has the watchdog watch the loop of one environment. It lives from `Start` until the loop has closed its
// handle, after `Stop` or at the end of the environment. All is called on the environment's thread.
class LoopWatch {
 public:
  // Starts to watch. Takes an object of JavaScript's:
  //
  //   threshold, interval: numbers, in milliseconds
  //   fd: number, -1 for none; stack: boolean; process, thread: numbers
  //   slots: Array<number> | undefined, of the namespaces that are reported
  //   onBlocked(line: string, duration: number, cpu: number, writeError: number): a turn that was reported is
  //     over; the last line without its `}`, and times in milliseconds. It runs as a callback of its own
  //   captureStack(): string | undefined: the stack, as JSON, which is that of blocked code: this runs in the
  //     middle of it; if undefined, it is to be called once more, a little later
  //   isInspected(): boolean: whether a debugger may pause the thread
  //
  // nullptr if the system has no thread to give, or JavaScript cannot be reached any more.
  static LoopWatch* Start(Napi::Env env, const Napi::Object& options, std::shared_ptr<Tables> tables,
                          const std::int32_t* active_word, std::int32_t* clock, LoopWatch** place);

  // Stops watching, and tells the one who started it that it is no longer there.
  void Stop();

  // Whether the stack of blocked code can be had here.
  static bool CanStack();

  ~LoopWatch() = default;
  LoopWatch(const LoopWatch&) = delete;
  LoopWatch& operator=(const LoopWatch&) = delete;
  LoopWatch(LoopWatch&&) = delete;
  LoopWatch& operator=(LoopWatch&&) = delete;

 private:
  explicit LoopWatch(Napi::Env env) : env_(env) {}

  static void OnPrepare(uv_prepare_t* handle);
  static void OnClosed(uv_handle_t* handle);
  static void OnCleanup(napi_async_cleanup_hook_handle handle, void* data);
  static void OnInterrupt(void* isolate, void* data);

  Probes MakeProbes(uv_loop_t* loop);
  void Prepare();
  void TellBlocked();
  void LookForInspector(std::int64_t now);

  // Calls a function of lib/. Empty if it threw, or if what runs is being terminated: what the wrapper of
  // Node-API makes of that would end the process. `is_terminated` may be nullptr.
  Napi::Value Call(const Napi::FunctionReference& function, bool* is_terminated);

  // Says whether what runs is to go on. If not it was terminated just now, by a timeout of node:vm or the end
  // of a worker, and has to be told once more: what is called here has taken it.
  bool CaptureStack(std::int64_t turn);

  Napi::Env env_;
  uv_prepare_t prepare_{};
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
  LoopWatch** place_ = nullptr;  // where it is known, nullptr there once it is stopped
  std::shared_ptr<WatchedLoop> watched_;
  std::shared_ptr<StackRequest> stack_request_;
  std::atomic<bool> is_inspected_{false};
  std::int64_t last_look_ = 0;
  std::unique_ptr<Napi::AsyncContext> async_context_;
  Napi::FunctionReference on_blocked_;
  Napi::FunctionReference capture_stack_;
  Napi::FunctionReference is_inspected_function_;
};

}  // namespace context

#endif  // CONTEXT_SRC_ADDON_WATCH_H_
