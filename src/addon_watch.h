#ifndef CONTEXT_SRC_ADDON_WATCH_H_
#define CONTEXT_SRC_ADDON_WATCH_H_

#include <napi.h>
#include <uv.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "addon_stack.h"
#include "interrupts.h"
#include "watchdog.h"

namespace context {

// Has the watchdog watch the loop of one environment. It lives from `Start` until the loop has closed its
// handle, after `Stop` or at the end of the environment. All is called on the environment's thread.
class LoopWatch {
 public:
  // Starts to watch. Takes an object of JavaScript's:
  //
  //   threshold, interval: numbers, in milliseconds
  //   fd: number, -1 for none, which may be closed afterwards; stack: boolean; process, thread: numbers
  //   slots: Array<number> | undefined, of the namespaces that are reported
  //   library: string, the folder of lib/, empty if there is none
  //   onBlocked(line: string, duration: number, cpu: number, writeError: number, stack: string): a turn that
  //     was reported is over; the last line without its `}`, times in milliseconds, and the stack as JSON. It
  //     runs as a callback of its own
  //
  // nullptr if the system has no thread to give, or JavaScript cannot be reached any more.
  static LoopWatch* Start(Napi::Env env, const Napi::Object& options, std::shared_ptr<Tables> tables,
                          const std::int32_t* active_word, std::int32_t* clock, LoopWatch** place);

  // Stops watching, and tells the one who started it that it is no longer there.
  void Stop();

  // Whether the stack of blocked code can be had here.
  static bool CanReadStack();

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

  Probes MakeProbes(uv_loop_t* loop);
  void ReportBlocked();

  // Reads the stack, which is that of blocked code: this is called in the middle of it.
  void CaptureStack();

  Napi::Env env_;
  uv_prepare_t prepare_{};
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
  LoopWatch** place_ = nullptr;  // where it is known, nullptr there once it is stopped
  std::shared_ptr<WatchedLoop> watched_;
  std::unique_ptr<Napi::AsyncContext> async_context_;
  Napi::FunctionReference on_blocked_;

  std::unique_ptr<Interrupts> interrupts_;   // while the loop is watched
  std::atomic<std::int64_t> stack_turn_{0};  // whose stack was asked for
  std::unique_ptr<StackReader> stack_reader_;
  JsonLine stack_line_;
  std::string stack_ = "null";  // as it was read last, as JSON
  int stack_tries_ = 0;
};

}  // namespace context

#endif  // CONTEXT_SRC_ADDON_WATCH_H_
