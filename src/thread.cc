#include "thread.h"

#include <memory>

#ifndef _WIN32
#include <signal.h>  // NOLINT(modernize-deprecated-headers): declares pthread_sigmask
#endif

namespace context {

#ifdef _WIN32

bool Thread::Start(const char* /*name*/, void (*run)(void* data), void* data) {
  thread_ = std::thread(run, data);
  is_started_ = true;
  return true;
}

void Thread::Join() {
  thread_.join();
  is_started_ = false;
}

void Thread::Detach() {
  thread_.detach();
  is_started_ = false;
}

#else

namespace {

struct Call {
  void (*run)(void* data);
  void* data;
};

void* Run(void* data) {
  const std::unique_ptr<Call> call(static_cast<Call*>(data));
  call->run(call->data);
  return nullptr;
}

}  // namespace

bool Thread::Start(const char* name, void (*run)(void* data), void* data) {
  auto call = std::make_unique<Call>(Call{run, data});
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  is_started_ = pthread_create(&thread_, nullptr, Run, call.get()) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!is_started_) {
    return false;
  }
  static_cast<void>(call.release());  // owned by the thread now
#ifdef __linux__
  pthread_setname_np(thread_, name);
#else
  static_cast<void>(name);
#endif
  return true;
}

void Thread::Join() {
  pthread_join(thread_, nullptr);
  is_started_ = false;
}

void Thread::Detach() {
  pthread_detach(thread_);
  is_started_ = false;
}

#endif

}  // namespace context
