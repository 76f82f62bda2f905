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

// Connects the loop of an environment to the watchdog. Lives from `Start` until the loop has closed its
// handle, after `Stop` or at the end of the environment. All methods are called on the environment's thread.
class LoopWatch {
 public:
  // Starts watching. The options are
  //
  //   threshold, interval: numbers, in milliseconds
  //   fd: number, -1 for none, may be closed afterwards; stack: boolean; process, thread: numbers
  //   slots: Array<number> | undefined, of the reported namespaces
  //   library: string, the folder of lib/, empty if unknown
  //   onBlocked(turn: Turn): called when a reported turn is over. Runs as a callback of its own. A Turn is
  //     [line: string, duration: number, cpu: number, writeError: number, stack: string,
  //     slots: Array<number>]: the last line without its `}`, times in milliseconds, the stack as JSON, and
  //     the slots of the line's namespaces
  //
  // Returns nullptr if no thread could be created, or the environment is ending.
  static LoopWatch* Start(Napi::Env env, const Napi::Object& options, std::shared_ptr<Tables> tables,
                          const std::int32_t* active_word, std::int32_t* clock, LoopWatch** place);

  // Returns the turn that is not over as a Turn, with a line of this moment; undefined if it was not
  // reported.
  Napi::Value Current();

  // Stops watching, and sets `*place` to nullptr.
  void Stop();

  // Whether stacks of blocked code can be read on this platform.
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
  Napi::Value ToTurn(const ReportedTurn& turn);

  // Reads the stack of blocked code: runs as an interrupt in the middle of it.
  void CaptureStack();

  Napi::Env env_;
  uv_prepare_t prepare_{};
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
  LoopWatch** place_ = nullptr;  // set to nullptr by Stop
  std::shared_ptr<WatchedLoop> watched_;
  std::unique_ptr<Napi::AsyncContext> async_context_;
  Napi::FunctionReference on_blocked_;

  std::unique_ptr<Interrupts> interrupts_;   // nullptr once stopped
  std::atomic<std::int64_t> stack_turn_{0};  // whose stack was requested
  std::unique_ptr<StackReader> stack_reader_;
  JsonLine stack_line_;
  std::string stack_ = "null";  // the last one read, as JSON
  int stack_tries_ = 0;
};

}  // namespace context

#endif  // CONTEXT_SRC_ADDON_WATCH_H_
