#include "addon_usage.h"

#include <cstdint>
#include <cstring>

#include "thread_probe.h"

namespace context {

namespace {

constexpr double kMillisecond = 1e6;

double CpuTime() {
  const std::int64_t time = ThreadProbe::OwnCpuTime();
  return time < 0 ? -1 : static_cast<double>(time) / kMillisecond;
}

}  // namespace

bool UsageClocks::Share(Napi::Env env, const Napi::Value& memory) {
  if (!memory.IsTypedArray()) {
    return false;
  }
  napi_typedarray_type type = napi_int8_array;
  std::size_t length = 0;
  void* data = nullptr;
  napi_value buffer = nullptr;
  if (napi_get_typedarray_info(env, memory, &type, &length, &data, &buffer, nullptr) != napi_ok) {
    return false;
  }
  bool can_detach = true;
  uv_loop_t* loop = nullptr;
  if (type != napi_float64_array || length != kPlaces || data == nullptr ||
      napi_is_arraybuffer(env, buffer, &can_detach) != napi_ok || can_detach ||
      napi_get_uv_event_loop(env, &loop) != napi_ok) {
    return false;
  }
  reference_ = Napi::Reference<Napi::Value>::New(memory, 1);
  memory_ = static_cast<double*>(data);
  loop_ = loop;
  return true;
}

void UsageClocks::ReadAll() {
  if (memory_ == nullptr) {
    return;
  }
  memory_[kIdle] = static_cast<double>(uv_metrics_idle_time(loop_)) / kMillisecond;
  memory_[kCpu] = CpuTime();
}

void UsageClocks::NoteWait() {
  if (memory_ == nullptr) {
    return;
  }
  const bool is_first = memory_[kWaits] == memory_[kSeen];
  memory_[kWaits] += 1;
  if (!is_first) {
    return;
  }
  memory_[kIdleAtWait] = static_cast<double>(uv_metrics_idle_time(loop_)) / kMillisecond;
  const std::uint64_t now = uv_hrtime();
  std::memcpy(&memory_[kWaitedAt], &now, sizeof(now));
}

}  // namespace context
