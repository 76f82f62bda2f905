#ifndef CONTEXT_SRC_IDLE_TIME_H_
#define CONTEXT_SRC_IDLE_TIME_H_

#include <uv.h>

#ifndef _WIN32
#include <signal.h>  // NOLINT(modernize-deprecated-headers): SIGPROF of this platform
#endif

namespace context {

// Keeps uv_metrics_idle_time() correct while it is needed. All methods are called on the loop's thread.
//
// V8's profiler sends the thread a thousand signals per second. Each interrupts the loop's wait, and libuv
// then loses the idle time so far. So the signal is blocked during waits, as Node.js does for --cpu-prof.
// Other profilers see only one sample per wait meanwhile, so the flag is restored at the end.
class IdleTime {
 public:
  // Adds a user.
  void Hold(uv_loop_t* loop) {
    if (holders_++ > 0) {
      return;
    }
    // Node.js also enables this, for performance.eventLoopUtilization().
    uv_loop_configure(loop, UV_METRICS_IDLE_TIME);
#ifdef SIGPROF
    const unsigned long before = loop->flags;
    uv_loop_configure(loop, UV_LOOP_BLOCK_SIGNAL, SIGPROF);
    // 0 if the flag was already set by somebody else.
    added_ = loop->flags & ~before;
#endif
  }

  // Removes a user. libuv has no function to clear the flag that it set.
  void Release(uv_loop_t* loop) {
    if (holders_ == 0 || --holders_ > 0) {
      return;
    }
#ifdef SIGPROF
    loop->flags &= ~added_;
    added_ = 0;
#endif
  }

 private:
  int holders_ = 0;
#ifdef SIGPROF
  unsigned long added_ = 0;  // flags of the loop set here  // NOLINT(google-runtime-int): libuv's type
#endif
};

}  // namespace context

#endif  // CONTEXT_SRC_IDLE_TIME_H_
