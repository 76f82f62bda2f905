#ifndef CONTEXT_SRC_IDLE_TIME_H_
#define CONTEXT_SRC_IDLE_TIME_H_

#include <uv.h>

#ifndef _WIN32
#include <signal.h>  // NOLINT(modernize-deprecated-headers): SIGPROF of this platform
#endif

namespace context {

// Has uv_metrics_idle_time() say how long a loop has waited for events, while somebody needs it. All is
// called on the loop's thread.
//
// V8's profiler sends signals to the thread, a thousand in a second. Each interrupts the wait, and libuv
// forgets what the loop had waited until then. So they are held back until the wait is over, as Node.js does
// for --cpu-prof. A profiler of others then sees one sample for each wait, so this is undone at the end.
class IdleTime {
 public:
  // Begins, for one more who needs it.
  void Hold(uv_loop_t* loop) {
    if (holders_++ > 0) {
      return;
    }
    // Node.js has this on for performance.eventLoopUtilization().
    uv_loop_configure(loop, UV_METRICS_IDLE_TIME);
#ifdef SIGPROF
    const unsigned long before = loop->flags;
    uv_loop_configure(loop, UV_LOOP_BLOCK_SIGNAL, SIGPROF);
    // Nothing if it was on: then somebody else wants it.
    added_ = loop->flags & ~before;
#endif
  }

  // Ends, for one of them. libuv has no function for this: the flag that it has set is taken off again.
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
  unsigned long added_ = 0;  // of the loop's flags  // NOLINT(google-runtime-int): libuv's type
#endif
};

}  // namespace context

#endif  // CONTEXT_SRC_IDLE_TIME_H_
