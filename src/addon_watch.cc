#include "addon_watch.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "idle_time.h"
#include "thread_probe.h"

#ifndef _WIN32
#include <dlfcn.h>
#endif

namespace context {

namespace {

constexpr double kMillisecond = 1e6;

// How often the inspector is asked for, by a loop that has turns.
constexpr std::int64_t kLookInterval = 100'000'000;

// V8's functions to call back in the middle of JavaScript that runs. They take and return pointers alone, and
// have had these names in all releases: so they are looked up, and need no headers of V8's.
using InterruptCallback = void (*)(void* isolate, void* data);
using RequestInterruptFunction = void (*)(void* isolate, InterruptCallback callback, void* data);
using TerminateFunction = void (*)(void* isolate);
using GetCurrentFunction = void* (*)();

struct V8Functions {
  RequestInterruptFunction request_interrupt = nullptr;
  TerminateFunction terminate_execution = nullptr;
  TerminateFunction cancel_terminate_execution = nullptr;
  GetCurrentFunction get_current = nullptr;

  V8Functions() {
#ifndef _WIN32
    request_interrupt = reinterpret_cast<RequestInterruptFunction>(
        dlsym(RTLD_DEFAULT, "_ZN2v87Isolate16RequestInterruptEPFvPS0_PvES2_"));
    terminate_execution =
        reinterpret_cast<TerminateFunction>(dlsym(RTLD_DEFAULT, "_ZN2v87Isolate18TerminateExecutionEv"));
    cancel_terminate_execution = reinterpret_cast<TerminateFunction>(
        dlsym(RTLD_DEFAULT, "_ZN2v87Isolate24CancelTerminateExecutionEv"));
    get_current = reinterpret_cast<GetCurrentFunction>(dlsym(RTLD_DEFAULT, "_ZN2v87Isolate10GetCurrentEv"));
#endif
  }
};

const V8Functions& V8() {
  static const V8Functions functions;
  return functions;
}

std::int64_t NumberOf(const Napi::Object& object, const char* name) {
  return object.Get(name).ToNumber().Int64Value();
}

}  // namespace

// One request for the stack at a time, of one environment. V8 may come back to it when nothing is watched any
// more; it is kept until then.
struct StackRequest {
  LoopWatch* watch = nullptr;          // the environment's thread alone knows it
  std::atomic<bool> is_open{false};    // whether V8 has it
  std::atomic<std::int64_t> turn{0};   // whose stack it is for
  std::shared_ptr<StackRequest> self;  // while V8 may still come back, though nothing is watched any more
};

bool LoopWatch::CanStack() {
  return V8().request_interrupt != nullptr && V8().terminate_execution != nullptr &&
         V8().cancel_terminate_execution != nullptr && V8().get_current != nullptr;
}

LoopWatch* LoopWatch::Start(Napi::Env env, const Napi::Object& options, std::shared_ptr<Tables> tables,
                            const std::int32_t* active_word, std::int32_t* clock, LoopWatch** place) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) {
    return nullptr;
  }
  WatchOptions watch_options;
  watch_options.threshold =
      static_cast<std::int64_t>(options.Get("threshold").ToNumber().DoubleValue() * kMillisecond);
  watch_options.interval =
      static_cast<std::int64_t>(options.Get("interval").ToNumber().DoubleValue() * kMillisecond);
  watch_options.fd = static_cast<int>(NumberOf(options, "fd"));
  watch_options.stack = options.Get("stack").ToBoolean();
  watch_options.process = NumberOf(options, "process");
  watch_options.thread = NumberOf(options, "thread");
  const Napi::Value slots = options.Get("slots");
  watch_options.has_slots = slots.IsArray();
  if (watch_options.has_slots) {
    const auto list = slots.As<Napi::Array>();
    for (std::uint32_t n = 0; n < list.Length(); ++n) {
      watch_options.slots.push_back(list.Get(n).ToNumber().Int32Value());
    }
  }
  if (env.IsExceptionPending()) {
    return nullptr;
  }
  std::unique_ptr<LoopWatch> watch(new LoopWatch(env));
  CountIdleTime(loop);
  watch->stack_request_ = std::make_shared<StackRequest>();
  watch->stack_request_->watch = watch.get();
  watch->on_blocked_ = Napi::Persistent(options.Get("onBlocked").As<Napi::Function>());
  watch->capture_stack_ = Napi::Persistent(options.Get("captureStack").As<Napi::Function>());
  watch->is_inspected_function_ = Napi::Persistent(options.Get("isInspected").As<Napi::Function>());
  watch->async_context_ = std::make_unique<Napi::AsyncContext>(env, "context.watchdog");
  watch->watched_ = std::make_shared<WatchedLoop>(std::move(watch_options), watch->MakeProbes(loop),
                                                  std::move(tables), active_word, clock);
  const std::int64_t now = Watchdog::Now();
  watch->watched_->BeginTurn(now);
  watch->LookForInspector(now);
  if (napi_add_async_cleanup_hook(env, OnCleanup, watch.get(), &watch->cleanup_) != napi_ok) {
    return nullptr;
  }
  if (!Watchdog::Get().Start(watch->watched_)) {
    napi_remove_async_cleanup_hook(watch->cleanup_);
    return nullptr;
  }
  watch->place_ = place;
  LoopWatch* const started = watch.release();
  uv_prepare_init(loop, &started->prepare_);
  started->prepare_.data = started;
  uv_prepare_start(&started->prepare_, OnPrepare);
  uv_unref(reinterpret_cast<uv_handle_t*>(&started->prepare_));
  return started;
}

Probes LoopWatch::MakeProbes(uv_loop_t* loop) {
  Probes probes;
  const ThreadProbe thread;
  probes.idle_time = [loop] { return static_cast<std::int64_t>(uv_metrics_idle_time(loop)); };
  probes.cpu_time = [thread] { return thread.CpuTime(); };
  probes.is_paused = [this, thread] { return is_inspected_.load() && thread.IsWaiting(); };
  probes.can_stack = CanStack();
  if (!probes.can_stack) {
    probes.request_stack = [](std::int64_t) {};
    return probes;
  }
  void* const isolate = V8().get_current();
  probes.request_stack = [isolate, request = stack_request_.get()](std::int64_t turn) {
    request->turn = turn;
    if (!request->is_open.exchange(true)) {
      V8().request_interrupt(isolate, OnInterrupt, request);
    }
  };
  return probes;
}

void LoopWatch::Stop() {
  if (place_ == nullptr) {
    return;
  }
  *place_ = nullptr;
  place_ = nullptr;
  // Afterwards its thread asks for nothing any more.
  Watchdog::Get().Stop(watched_);
  stack_request_->watch = nullptr;
  if (stack_request_->is_open) {
    stack_request_->self = stack_request_;
  }
  uv_prepare_stop(&prepare_);
  uv_close(reinterpret_cast<uv_handle_t*>(&prepare_), OnClosed);
}

void LoopWatch::OnCleanup(napi_async_cleanup_hook_handle /*handle*/, void* data) {
  auto* const watch = static_cast<LoopWatch*>(data);
  if (watch->place_ != nullptr) {
    watch->Stop();
  }
  // No JavaScript runs any more: V8 does not come back.
  watch->stack_request_->self = nullptr;
}

void LoopWatch::OnClosed(uv_handle_t* handle) {
  const std::unique_ptr<LoopWatch> watch(static_cast<LoopWatch*>(handle->data));
  const Napi::HandleScope scope(watch->env_);
  watch->on_blocked_.Reset();
  watch->capture_stack_.Reset();
  watch->is_inspected_function_.Reset();
  watch->async_context_.reset();
  napi_remove_async_cleanup_hook(watch->cleanup_);
}

void LoopWatch::OnPrepare(uv_prepare_t* handle) { static_cast<LoopWatch*>(handle->data)->Prepare(); }

void LoopWatch::Prepare() {
  const std::int64_t now = Watchdog::Now();
  if (watched_->BeginTurn(now)) {
    TellBlocked();
  } else if (now - last_look_ >= kLookInterval) {
    LookForInspector(now);
  }
}

void LoopWatch::TellBlocked() {
  const auto finished = std::make_unique<FinishedTurn>();
  if (!Watchdog::Get().Take(watched_.get(), finished.get())) {
    return;
  }
  const Napi::HandleScope scope(env_);
  const std::string_view text = finished->line.text();
  const double cpu = finished->cpu < 0 ? -1 : static_cast<double>(finished->cpu) / kMillisecond;
  const std::array<napi_value, 4> arguments = {
      Napi::String::New(env_, text.data(), text.size()),
      Napi::Number::New(env_, static_cast<double>(finished->duration) / kMillisecond),
      Napi::Number::New(env_, cpu), Napi::Number::New(env_, watched_->write_error)};
  const napi_value listener = on_blocked_.Value();
  napi_value error = nullptr;
  if (napi_make_callback(env_, *async_context_, env_.Global(), listener, arguments.size(), arguments.data(),
                         nullptr) == napi_pending_exception &&
      napi_get_and_clear_last_exception(env_, &error) == napi_ok) {
    // Nobody calls this who could catch what a listener throws.
    napi_fatal_exception(env_, error);
  }
}

void LoopWatch::LookForInspector(std::int64_t now) {
  last_look_ = now;
  const Napi::HandleScope scope(env_);
  const Napi::Value answer = Call(is_inspected_function_, nullptr);
  if (!answer.IsEmpty()) {
    is_inspected_ = answer.ToBoolean();
  }
}

Napi::Value LoopWatch::Call(const Napi::FunctionReference& function, bool* is_terminated) {
  napi_value result = nullptr;
  if (napi_call_function(env_, env_.Global(), function.Value(), 0, nullptr, &result) == napi_ok) {
    return {env_, result};
  }
  napi_value error = nullptr;
  napi_valuetype type = napi_undefined;
  if (napi_get_and_clear_last_exception(env_, &error) == napi_ok &&
      napi_typeof(env_, error, &type) == napi_ok && is_terminated != nullptr) {
    // What lib/ throws is an object.
    *is_terminated = type == napi_null;
  }
  return {};
}

void LoopWatch::OnInterrupt(void* isolate, void* data) {
  auto* const request = static_cast<StackRequest*>(data);
  const std::shared_ptr<StackRequest> kept = std::move(request->self);
  LoopWatch* const watch = request->watch;
  request->is_open = false;
  if (watch != nullptr) {
    if (!watch->CaptureStack(request->turn)) {
      // V8 still holds the exception that ended the call, until somebody takes it: two of them are too many
      // for an Atomics.wait that is ended by the second one.
      V8().cancel_terminate_execution(isolate);
      V8().terminate_execution(isolate);
    }
  }
}

bool LoopWatch::CaptureStack(std::int64_t turn) {
  // If it took until another turn to get here, nothing is known of that one.
  if (watched_->turn() != turn) {
    return true;
  }
  const Napi::HandleScope scope(env_);
  bool is_terminated = false;
  const Napi::Value stack = Call(capture_stack_, &is_terminated);
  if (stack.IsEmpty() || !stack.IsString()) {
    // The stack is full, for example: a little later it is not.
    watched_->wants_stack = true;
    return !is_terminated;
  }
  JsonLine head;
  watched_->WriteHead(&head, "context.blocked.stack", Watchdog::WallMilliseconds());
  const std::string text = stack.As<Napi::String>().Utf8Value();
  Watchdog::Get().Write(watched_.get(), std::string(head.text()) + ",\"stack\":" + text + "}\n");
  return true;
}

}  // namespace context
