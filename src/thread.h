#ifndef CONTEXT_SRC_THREAD_H_
#define CONTEXT_SRC_THREAD_H_

#ifdef _WIN32
#include <thread>
#else
#include <pthread.h>
#endif

namespace context {

// A thread that gets no signals: they are for the program's own threads. Unlike std::thread it ends no
// process if the system has none to give.
class Thread {
 public:
  // Runs a function in a thread with a name, of 15 characters at most. Says whether there is one.
  bool Start(const char* name, void (*run)(void* data), void* data);

  // Waits until the function has returned.
  void Join();

  // Leaves the function to itself.
  void Detach();

  // In the child of a fork, which has no such thread.
  void Forget() { is_started_ = false; }

  // Whether it was started and not joined.
  bool is_started() const { return is_started_; }

 private:
#ifdef _WIN32
  std::thread thread_;
#else
  pthread_t thread_{};
#endif
  bool is_started_ = false;
};

}  // namespace context

#endif  // CONTEXT_SRC_THREAD_H_
