#ifndef CONTEXT_SRC_ADDON_USAGE_H_
#define CONTEXT_SRC_ADDON_USAGE_H_

#include <napi.h>
#include <uv.h>

namespace context {

// Reads what one environment's loop has waited, and its thread's CPU time, into memory that JavaScript reads,
// as Float64Array does. All is called on the environment's thread. The memory is that of a SharedArrayBuffer:
// JavaScript cannot detach it.
class UsageClocks {
 public:
  // The places in the memory, and how many there are. All times are in milliseconds.
  enum Place : std::size_t {
    kIdle,  // how long the loop has waited for events since it began
    kCpu,   // the CPU time of the thread, -1 if it is not to be had
    kPlaces,
  };

  // Has the clocks read into a Float64Array of kPlaces elements, from here on. False, and nothing has
  // changed, if it is anything else, or its memory could be detached.
  bool Share(Napi::Env env, const Napi::Value& memory);

  // Writes all places.
  void ReadAll();

 private:
  double* memory_ = nullptr;                // nullptr until it is shared
  Napi::Reference<Napi::Value> reference_;  // keeps the memory
  uv_loop_t* loop_ = nullptr;
};

}  // namespace context

#endif  // CONTEXT_SRC_ADDON_USAGE_H_
