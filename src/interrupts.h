#ifndef CONTEXT_SRC_INTERRUPTS_H_
#define CONTEXT_SRC_INTERRUPTS_H_

#include <atomic>
#include <cstdint>
#include <functional>

namespace context {

// Calls a function on the thread of an isolate, in the middle of whatever runs there.
//
// The function must not run JavaScript (v8::Isolate::RequestInterrupt). V8 calls it at the next interrupt
// check, and silently drops requests that are pending when an isolate ends. So V8 gets a number instead of a
// pointer, which is looked up among the thread's live objects.
class Interrupts {
 public:
  // Whether interrupts are available on this platform.
  static bool CanRequest();

  // `call` is called on the constructing thread, to which V8's current isolate belongs, once for each request
  // that V8 answers; never after destruction.
  explicit Interrupts(std::function<void()> call);
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  Interrupts(Interrupts&&) = delete;
  Interrupts& operator=(Interrupts&&) = delete;

  // Requests a call, from any thread, unless one is pending.
  void Request();

 private:
  static void OnInterrupt(void* isolate, void* number);

  const std::function<void()> call_;
  void* const isolate_;
  const std::uintptr_t number_;
  std::atomic<bool> is_pending_{false};
};

}  // namespace context

#endif  // CONTEXT_SRC_INTERRUPTS_H_
