#ifndef CONTEXT_SRC_IDLE_TIME_H_
#define CONTEXT_SRC_IDLE_TIME_H_

#include <uv.h>

#ifndef _WIN32
#include <signal.h>  // NOLINT(modernize-deprecated-headers): SIGPROF of this platform
#endif

namespace context {

// Has uv_metrics_idle_time() tell how long a loop has waited for events, from here on. Called on the loop's
// thread; calling it again does nothing.
//
// V8's profiler sends signals to the thread, a thousand in a second. Each interrupts the wait, and libuv
// forgets what the loop had waited until then. So they are left until the wait is over, as Node.js does for
// --cpu-prof. libuv knows no way to take this back.
inline void CountIdleTime(uv_loop_t* loop) {
  // Node.js has this on for performance.eventLoopUtilization().
  uv_loop_configure(loop, UV_METRICS_IDLE_TIME);
#ifdef SIGPROF
  uv_loop_configure(loop, UV_LOOP_BLOCK_SIGNAL, SIGPROF);
#endif
}

}  // namespace context

#endif  // CONTEXT_SRC_IDLE_TIME_H_
