#ifndef CONTEXT_SRC_THREAD_PROBE_H_
#define CONTEXT_SRC_THREAD_PROBE_H_

#include <cstdint>
#include <ctime>

namespace context {

// Statistics of the constructing thread, for other threads. Without support by the system (only Linux has
// it), times are -1, and the thread is never paused.
class ThreadProbe {
 public:
  ThreadProbe();

  // In nanoseconds; -1 if unavailable.
  std::int64_t CpuTime() const;

  // How long it has waited for a processor, in nanoseconds; -1 if unavailable.
  std::int64_t QueuedTime() const;

  // Whether a debugger has paused it: it waits in the function in which Node.js' inspector waits for
  // commands.
  bool IsPaused() const;

#ifdef __linux__
 private:
  clockid_t clock_{};
  bool has_clock_ = false;
  long thread_ = 0;
#endif
};

}  // namespace context

#endif  // CONTEXT_SRC_THREAD_PROBE_H_
