#ifndef CONTEXT_SRC_INTERRUPTS_H_
#define CONTEXT_SRC_INTERRUPTS_H_

#include <atomic>
#include <cstdint>
#include <functional>

namespace context {

// Has a function called on the thread of an isolate, in the middle of whatever runs there.
//
// By V8's contract (v8::Isolate::RequestInterrupt) the function must not enter the isolate again: it runs no
// JavaScript. V8 calls it where JavaScript looks whether it is to stop, at the earliest; it never says that
// it has dropped a request, as it does with those that are pending when an isolate ends. So V8 gets no
// pointer, but a number, which is looked up among those that the thread still knows.
class Interrupts {
 public:
  // Whether this can be done here.
  static bool CanRequest();

  // `call` is called on the thread that makes this one, which V8's current isolate belongs to, once for each
  // request that has been answered. None comes after this is gone.
  explicit Interrupts(std::function<void()> call);
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  Interrupts(Interrupts&&) = delete;
  Interrupts& operator=(Interrupts&&) = delete;

  // Asks V8 for a call, from any thread, unless one is pending.
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
