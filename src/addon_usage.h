#ifndef CONTEXT_SRC_ADDON_USAGE_H_
#define CONTEXT_SRC_ADDON_USAGE_H_

#include <napi.h>
#include <uv.h>

namespace context {

// Reads the idle time of an environment's loop and the CPU time of its thread into memory that JavaScript
// sees as a Float64Array on a SharedArrayBuffer, which can't be detached. All methods are called on the
// environment's thread.
class UsageClocks {
 public:
  // Indices in the memory, and their number. All times are in milliseconds.
  enum Place : std::size_t {
    kIdle,        // the loop's total idle time
    kCpu,         // the thread's CPU time; -1 if unavailable
    kWaits,       // how often the loop has begun to wait for events, while that is noted
    kIdleAtWait,  // the loop's total idle time at the first of these moments since JavaScript set kSeen
    kWaitedAt,    // that moment: a 64-bit integer, in nanoseconds
    kSeen,        // the value of kWaits when JavaScript last noted that something ran
    kPlaces,
  };

  // Sets the memory: a Float64Array of kPlaces elements. Returns false, without any effect, for anything else
  // or detachable memory.
  bool Share(Napi::Env env, const Napi::Value& memory);

  // Writes kIdle and kCpu.
  void ReadAll();

  // Writes kWaits, kIdleAtWait and kWaitedAt. Called each time that the loop is about to wait.
  void NoteWait();

 private:
  double* memory_ = nullptr;                // nullptr until it is shared
  Napi::Reference<Napi::Value> reference_;  // keeps the memory alive
  uv_loop_t* loop_ = nullptr;
};

}  // namespace context

#endif  // CONTEXT_SRC_ADDON_USAGE_H_
