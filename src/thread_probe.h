#ifndef CONTEXT_SRC_THREAD_PROBE_H_
#define CONTEXT_SRC_THREAD_PROBE_H_

#include <cstdint>
#include <ctime>

#ifdef _WIN32
#include <memory>
#endif

namespace context {

// Statistics of the constructing thread, for other threads. All systems have the CPU time; on others than
// Linux the queued time is -1, and the thread is never paused.
class ThreadProbe {
 public:
  ThreadProbe();

  // The CPU time of the calling thread, in nanoseconds; -1 if unavailable.
  static std::int64_t OwnCpuTime();

  // In nanoseconds; -1 if unavailable. Windows counts in steps of about 16 ms.
  std::int64_t CpuTime() const;

  // How long it has waited for a processor, in nanoseconds; -1 if unavailable.
  std::int64_t QueuedTime() const;

  // Whether a debugger has paused it: it waits in the function in which Node.js' inspector waits for
  // commands.
  bool IsPaused() const;

#ifdef _WIN32
 private:
  std::shared_ptr<void> thread_;  // a HANDLE, nullptr if there is none
#elif defined(__APPLE__)
 private:
  unsigned int thread_ = 0;  // a mach_port_t
#elif defined(__linux__)
 private:
  clockid_t clock_{};
  bool has_clock_ = false;
  long thread_ = 0;
#endif
};

}  // namespace context

#endif  // CONTEXT_SRC_THREAD_PROBE_H_
