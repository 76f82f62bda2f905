#ifndef CONTEXT_SRC_THREAD_PROBE_H_
#define CONTEXT_SRC_THREAD_PROBE_H_

#include <cstdint>
#include <ctime>

namespace context {

// What the thread that made it does, for other threads to ask. If the system does not say (other than Linux)
// times are -1, and it is never paused.
class ThreadProbe {
 public:
  ThreadProbe();

  // In nanoseconds, -1 if it is not to be had.
  std::int64_t CpuTime() const;

  // How long it has waited for a processor so far, in nanoseconds; -1 if it is not to be had.
  std::int64_t QueuedTime() const;

  // Whether a debugger has paused it: it waits in the function of Node.js' inspector that waits for what the
  // debugger has to say.
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
