#ifndef CONTEXT_SRC_THREAD_PROBE_H_
#define CONTEXT_SRC_THREAD_PROBE_H_

#include <array>
#include <cstdint>
#include <ctime>

namespace context {

// Tells other threads what the thread does in which it was made. If the system does not say (other than
// Linux) the CPU time is -1, and it may always be waiting.
class ThreadProbe {
 public:
  ThreadProbe();

  // In nanoseconds, -1 if it is not to be had.
  std::int64_t CpuTime() const;

  // Whether the thread waits for another one, as it does if a debugger has paused it.
  bool IsWaiting() const;

#ifdef __linux__
 private:
  clockid_t clock_{};
  bool has_clock_ = false;
  std::array<char, 64> syscall_path_{};
#endif
};

}  // namespace context

#endif  // CONTEXT_SRC_THREAD_PROBE_H_
