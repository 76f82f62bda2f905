#include "addon_watch.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "thread_probe.h"

namespace context {

namespace {

constexpr double kMillisecond = 1e6;

// How often a stack is requested until it shows code of the application.
constexpr int kStackTries = 50;

std::int64_t NumberOf(const Napi::Object& object, const char* name) {
  return object.Get(name).ToNumber().Int64Value();
}

}  // namespace

bool LoopWatch::CanReadStack() { return Interrupts::CanRequest() && StackReader::CanRead(); }

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
  const std::string library = options.Get("library").ToString().Utf8Value();
  if (env.IsExceptionPending()) {
    return nullptr;
  }
  std::unique_ptr<LoopWatch> watch(new LoopWatch(env));
  watch->interrupts_ = std::make_unique<Interrupts>([started = watch.get()] { started->CaptureStack(); });
  watch->stack_reader_ = std::make_unique<StackReader>(env, library);
  watch->on_blocked_ = Napi::Persistent(options.Get("onBlocked").As<Napi::Function>());
  watch->async_context_ = std::make_unique<Napi::AsyncContext>(env, "context.watchdog");
  watch->watched_ = std::make_shared<WatchedLoop>(std::move(watch_options), watch->MakeProbes(loop),
                                                  std::move(tables), active_word, clock);
  // The thread may begin late.
  watch->watched_->SetClock(Watchdog::Now());
  watch->watched_->BeginTurn(Watchdog::Now());
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
  probes.is_paused = [thread] { return thread.IsPaused(); };
  probes.can_read_stack = CanReadStack();
  probes.request_stack = [this](std::int64_t turn) {
    stack_turn_ = turn;
    interrupts_->Request();
  };
  return probes;
}

void LoopWatch::Stop() {
  if (place_ == nullptr) {
    return;
  }
  *place_ = nullptr;
  place_ = nullptr;
  // The watchdog requests no interrupts after this.
  Watchdog::Get().Stop(watched_);
  interrupts_ = nullptr;
  uv_prepare_stop(&prepare_);
  uv_close(reinterpret_cast<uv_handle_t*>(&prepare_), OnClosed);
}

void LoopWatch::OnCleanup(napi_async_cleanup_hook_handle /*handle*/, void* data) {
  auto* const watch = static_cast<LoopWatch*>(data);
  watch->Stop();
}

void LoopWatch::OnClosed(uv_handle_t* handle) {
  const std::unique_ptr<LoopWatch> watch(static_cast<LoopWatch*>(handle->data));
  const Napi::HandleScope scope(watch->env_);
  watch->on_blocked_.Reset();
  watch->async_context_.reset();
  napi_remove_async_cleanup_hook(watch->cleanup_);
}

void LoopWatch::OnPrepare(uv_prepare_t* handle) {
  auto* const watch = static_cast<LoopWatch*>(handle->data);
  if (watch->watched_->BeginTurn(Watchdog::Now())) {
    watch->ReportBlocked();
  }
}

void LoopWatch::ReportBlocked() {
  const auto finished = std::make_unique<ReportedTurn>();
  if (!Watchdog::Get().Take(watched_.get(), finished.get())) {
    return;
  }
  const Napi::HandleScope scope(env_);
  const std::array<napi_value, 1> arguments = {ToTurn(*finished)};
  stack_ = "null";
  stack_tries_ = 0;
  const napi_value listener = on_blocked_.Value();
  napi_value error = nullptr;
  if (napi_make_callback(env_, *async_context_, env_.Global(), listener, arguments.size(), arguments.data(),
                         nullptr) == napi_pending_exception &&
      napi_get_and_clear_last_exception(env_, &error) == napi_ok) {
    // There is no caller to catch a listener's error.
    napi_fatal_exception(env_, error);
  }
}

Napi::Value LoopWatch::ToTurn(const ReportedTurn& turn) {
  const std::string_view text = turn.line.text();
  const double cpu = turn.cpu < 0 ? -1 : static_cast<double>(turn.cpu) / kMillisecond;
  Napi::Array slots = Napi::Array::New(env_, turn.slots.count);
  for (std::uint32_t n = 0; n < turn.slots.count; ++n) {
    slots.Set(n, Napi::Number::New(env_, turn.slots.slots[n]));
  }
  const std::array<napi_value, 6> values = {
      Napi::String::New(env_, text.data(), text.size()),
      Napi::Number::New(env_, static_cast<double>(turn.duration) / kMillisecond),
      Napi::Number::New(env_, cpu),
      Napi::Number::New(env_, watched_->writer.error()),
      Napi::String::New(env_, stack_),
      slots};
  Napi::Array list = Napi::Array::New(env_, values.size());
  for (std::uint32_t n = 0; n < values.size(); ++n) {
    list.Set(n, values[n]);
  }
  return list;
}

Napi::Value LoopWatch::Current() {
  const auto current = std::make_unique<ReportedTurn>();
  if (!Watchdog::Get().Peek(watched_.get(), current.get())) {
    return env_.Undefined();
  }
  return ToTurn(*current);
}

void LoopWatch::CaptureStack() {
  // The reported turn has already ended.
  if (watched_->turn() != stack_turn_) {
    return;
  }
  stack_line_.Clear();
  watched_->WriteHead(&stack_line_, "context.blocked.stack", Watchdog::WallMilliseconds());
  stack_line_.Raw(",\"stack\":");
  const std::size_t begin = stack_line_.size();
  const bool is_of_application = stack_reader_->Read(&stack_line_);
  stack_ = stack_line_.text().substr(begin);
  if (!is_of_application && ++stack_tries_ < kStackTries) {
    // Between two microtasks, no code of the application is on the stack. Try again.
    watched_->wants_stack = true;
    return;
  }
  stack_tries_ = 0;
  watched_->writer.Add(stack_line_.text(), "}\n");
}

}  // namespace context
