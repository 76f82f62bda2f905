#ifndef CONTEXT_SRC_THREAD_H_
#define CONTEXT_SRC_THREAD_H_

#ifndef _WIN32
#include <pthread.h>
#endif

namespace context {

// A thread that blocks all signals, which are for the program's own threads. Unlike std::thread, it reports
// failure to create a thread instead of terminating the process.
class Thread {
 public:
  // Runs a function on a thread with a name of at most 15 characters. Returns false on failure.
  bool Start(const char* name, void (*run)(void* data), void* data);

  // Waits for the function to return.
  void Join();

  void Detach();

  // Must be called in a forked child, which has no such thread.
  void Forget() { is_started_ = false; }

  // Whether it was started and not joined or detached.
  bool is_started() const { return is_started_; }

 private:
#ifdef _WIN32
  void* thread_ = nullptr;  // a HANDLE
#else
  pthread_t thread_{};
#endif
  bool is_started_ = false;
};

}  // namespace context

#endif  // CONTEXT_SRC_THREAD_H_
