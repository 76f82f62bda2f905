#include "thread.h"

#include <memory>

#ifdef _WIN32
#include <process.h>
#include <windows.h>
#else
#include <signal.h>  // NOLINT(modernize-deprecated-headers): declares pthread_sigmask
#endif

namespace context {

namespace {

struct Call {
  void (*run)(void* data);
  void* data;
};

void RunCall(void* data) {
  const std::unique_ptr<Call> call(static_cast<Call*>(data));
  call->run(call->data);
}

#ifdef _WIN32
unsigned __stdcall Run(void* data) {
  RunCall(data);
  return 0;
}
#else
void* Run(void* data) {
  RunCall(data);
  return nullptr;
}
#endif

}  // namespace

#ifdef _WIN32

bool Thread::Start(const char* /*name*/, void (*run)(void* data), void* data) {
  auto call = std::make_unique<Call>(Call{run, data});
  thread_ = reinterpret_cast<void*>(_beginthreadex(nullptr, 0, Run, call.get(), 0, nullptr));
  is_started_ = thread_ != nullptr;
  if (is_started_) {
    static_cast<void>(call.release());  // owned by the thread now
  }
  return is_started_;
}

void Thread::Join() {
  WaitForSingleObject(thread_, INFINITE);
  Detach();
}

void Thread::Detach() {
  CloseHandle(thread_);
  is_started_ = false;
}

#else

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
