#ifndef CONTEXT_SRC_ADDON_WAITS_H_
#define CONTEXT_SRC_ADDON_WAITS_H_

#include <node_api.h>
#include <uv.h>

#include "addon_usage.h"

namespace context {

// Notes when an environment's loop waits for events, while that is needed. All methods are called on the
// environment's thread.
class WaitNotes {
 public:
  // Starts noting in `clocks`, which must outlive this. Returns nullptr if the environment is ending. Deletes
  // itself once the loop has closed its handle: after `Stop`, or at the end of the environment. Both set
  // `*place` to nullptr.
  static WaitNotes* Start(napi_env env, UsageClocks* clocks, WaitNotes** place);
  void Stop();

 private:
  WaitNotes() = default;

  static void OnPrepare(uv_prepare_t* handle);
  static void OnClosed(uv_handle_t* handle);
  static void OnCleanup(napi_async_cleanup_hook_handle handle, void* data);

  UsageClocks* clocks_ = nullptr;
  WaitNotes** place_ = nullptr;  // nullptr once stopped
  uv_prepare_t prepare_{};
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
};

}  // namespace context

#endif  // CONTEXT_SRC_ADDON_WAITS_H_
