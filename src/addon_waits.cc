#include "addon_waits.h"

#include <memory>

namespace context {

WaitNotes* WaitNotes::Start(napi_env env, UsageClocks* clocks, WaitNotes** place) {
  uv_loop_t* loop = nullptr;
  std::unique_ptr<WaitNotes> notes(new WaitNotes());
  if (napi_get_uv_event_loop(env, &loop) != napi_ok ||
      napi_add_async_cleanup_hook(env, OnCleanup, notes.get(), &notes->cleanup_) != napi_ok) {
    return nullptr;
  }
  notes->clocks_ = clocks;
  notes->place_ = place;
  uv_prepare_init(loop, &notes->prepare_);
  notes->prepare_.data = notes.get();
  uv_prepare_start(&notes->prepare_, OnPrepare);
  uv_unref(reinterpret_cast<uv_handle_t*>(&notes->prepare_));
  return notes.release();
}

void WaitNotes::Stop() {
  if (place_ == nullptr) {
    return;
  }
  *place_ = nullptr;
  place_ = nullptr;
  uv_prepare_stop(&prepare_);
  uv_close(reinterpret_cast<uv_handle_t*>(&prepare_), OnClosed);
}

void WaitNotes::OnPrepare(uv_prepare_t* handle) {
  static_cast<WaitNotes*>(handle->data)->clocks_->NoteWait();
}

void WaitNotes::OnCleanup(napi_async_cleanup_hook_handle /*handle*/, void* data) {
  static_cast<WaitNotes*>(data)->Stop();
}

void WaitNotes::OnClosed(uv_handle_t* handle) {
  const std::unique_ptr<WaitNotes> notes(static_cast<WaitNotes*>(handle->data));
  napi_remove_async_cleanup_hook(notes->cleanup_);
}

}  // namespace context
