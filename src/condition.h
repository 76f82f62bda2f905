#ifndef CONTEXT_SRC_CONDITION_H_
#define CONTEXT_SRC_CONDITION_H_

#include <chrono>
#include <mutex>

#ifdef _WIN32
#include <condition_variable>
#else
#include <pthread.h>
#include <time.h>  // NOLINT(modernize-deprecated-headers): declares clock_gettime
#endif

namespace context {

// A condition variable whose timed waits follow the monotonic clock. Those of std::condition_variable follow
// the wall clock with some C libraries: they last hours longer if somebody sets that back.
class Condition {
 public:
  using Lock = std::unique_lock<std::mutex>;

#ifdef _WIN32
  void NotifyAll() { condition_.notify_all(); }
  void Wait(Lock* lock) { condition_.wait(*lock); }
  void WaitFor(Lock* lock, std::chrono::nanoseconds time) { condition_.wait_for(*lock, time); }

 private:
  std::condition_variable condition_;
#else
  Condition() {
#ifdef __APPLE__
    pthread_cond_init(&condition_, nullptr);
#else
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&condition_, &attributes);
    pthread_condattr_destroy(&attributes);
#endif
  }
  ~Condition() { pthread_cond_destroy(&condition_); }
  Condition(const Condition&) = delete;
  Condition& operator=(const Condition&) = delete;
  Condition(Condition&&) = delete;
  Condition& operator=(Condition&&) = delete;

  void NotifyAll() { pthread_cond_broadcast(&condition_); }

  // Waits until it is notified; may return earlier, without a reason.
  void Wait(Lock* lock) { pthread_cond_wait(&condition_, lock->mutex()->native_handle()); }

  // Waits for so long at most.
  void WaitFor(Lock* lock, std::chrono::nanoseconds time) {
    constexpr long kSecond = 1'000'000'000;  // NOLINT(google-runtime-int): the type of tv_nsec
    timespec until{};
#ifndef __APPLE__
    clock_gettime(CLOCK_MONOTONIC, &until);
#endif
    until.tv_sec += static_cast<time_t>(time.count() / kSecond);
    until.tv_nsec += static_cast<long>(time.count() % kSecond);  // NOLINT(google-runtime-int)
    until.tv_sec += until.tv_nsec / kSecond;
    until.tv_nsec %= kSecond;
#ifdef __APPLE__
    pthread_cond_timedwait_relative_np(&condition_, lock->mutex()->native_handle(), &until);
#else
    pthread_cond_timedwait(&condition_, lock->mutex()->native_handle(), &until);
#endif
  }

 private:
  pthread_cond_t condition_{};
#endif
};

}  // namespace context

#endif  // CONTEXT_SRC_CONDITION_H_
