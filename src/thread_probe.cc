#include "thread_probe.h"

#ifdef _WIN32
#include <windows.h>
#elif defined(__APPLE__)
#include <mach/mach.h>
#include <pthread.h>
#elif defined(__linux__)
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#ifdef __GLIBC__
#include <link.h>
#endif
#endif

namespace context {

#ifndef _WIN32

namespace {

std::int64_t TimeOf(clockid_t clock) {
  timespec time{};
  const bool is_known = clock_gettime(clock, &time) == 0;
  return is_known ? std::int64_t{1'000'000'000} * time.tv_sec + time.tv_nsec : -1;
}

}  // namespace

std::int64_t ThreadProbe::OwnCpuTime() { return TimeOf(CLOCK_THREAD_CPUTIME_ID); }

#endif

#ifdef __linux__

namespace {

using Text = std::array<char, 256>;

// Reads a file at an offset. Returns the number of bytes read.
std::size_t Read(const char* path, std::uintptr_t offset, void* memory, std::size_t size) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return 0;
  }
  const ssize_t length = pread(fd, memory, size, static_cast<off_t>(offset));
  close(fd);
  return length < 0 ? 0 : static_cast<std::size_t>(length);
}

// Reads a /proc file of a thread of this process. Returns false if that failed.
bool ReadOf(long thread, const char* file, Text* text) {
  std::array<char, 64> path{};
  static_cast<void>(std::snprintf(path.data(), path.size(), "/proc/self/task/%ld/%s", thread, file));
  text->fill('\0');
  return Read(path.data(), 0, text->data(), text->size() - 1) > 0;
}

// The address range of the Node.js function in which a paused thread waits. All releases export it.
struct PauseFunction {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;

  PauseFunction() {
    void* const function =
        dlsym(RTLD_DEFAULT, "_ZN4node9inspector19MainThreadInterface20WaitForFrontendEventEv");
    if (function == nullptr) {
      return;
    }
    begin = reinterpret_cast<std::uintptr_t>(function);
    std::size_t size = 128;
#ifdef __GLIBC__
    Dl_info info{};
    const ElfW(Sym)* symbol = nullptr;
    if (dladdr1(function, &info, reinterpret_cast<void**>(const_cast<ElfW(Sym)**>(&symbol)),
                RTLD_DL_SYMENT) != 0 &&
        symbol != nullptr) {
      size = symbol->st_size;
    }
#endif
    end = begin + size;
  }

  static const PauseFunction& Get() {
    static const PauseFunction function;
    return function;
  }
};

}  // namespace

ThreadProbe::ThreadProbe() {
  has_clock_ = pthread_getcpuclockid(pthread_self(), &clock_) == 0;
  thread_ = static_cast<long>(syscall(SYS_gettid));
  PauseFunction::Get();
}

std::int64_t ThreadProbe::CpuTime() const { return has_clock_ ? TimeOf(clock_) : -1; }

std::int64_t ThreadProbe::QueuedTime() const {
  Text text{};
  if (!ReadOf(thread_, "schedstat", &text)) {
    return -1;
  }
  char* queued = nullptr;
  static_cast<void>(std::strtoll(text.data(), &queued, 10));
  return std::strtoll(queued, nullptr, 10);
}

bool ThreadProbe::IsPaused() const {
  const PauseFunction& function = PauseFunction::Get();
  Text text{};
  if (function.begin == 0 || !ReadOf(thread_, "syscall", &text)) {
    return false;
  }
  // Format: number of the system call, six arguments, stack pointer, instruction pointer.
  char* rest = nullptr;
  if (std::strtol(text.data(), &rest, 10) != SYS_futex) {
    return false;
  }
  constexpr int kArguments = 6;
  for (int n = 0; n < kArguments; ++n) {
    static_cast<void>(std::strtoull(rest, &rest, 16));
  }
  const auto stack = static_cast<std::uintptr_t>(std::strtoull(rest, nullptr, 16));
  // Search the stack for a return address in that function; the inner calls are those of libuv and the C
  // library. The kernel copies the memory, since the thread may continue meanwhile.
  std::array<std::uintptr_t, 128> words{};
  const std::size_t size = Read("/proc/self/mem", stack, words.data(), sizeof(words));
  for (std::size_t n = 0; n < size / sizeof(std::uintptr_t); ++n) {
    if (words[n] > function.begin && words[n] <= function.end) {
      return true;
    }
  }
  return false;
}

#else

#ifdef _WIN32

namespace {

std::int64_t Nanoseconds(const FILETIME& time) {
  return (static_cast<std::int64_t>(time.dwHighDateTime) << 32 | time.dwLowDateTime) * 100;
}

std::int64_t TimeOf(HANDLE thread) {
  FILETIME begin;
  FILETIME end;
  FILETIME kernel;
  FILETIME user;
  return GetThreadTimes(thread, &begin, &end, &kernel, &user) == 0 ? -1
                                                                   : Nanoseconds(kernel) + Nanoseconds(user);
}

}  // namespace

ThreadProbe::ThreadProbe() {
  HANDLE thread = nullptr;
  if (DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &thread,
                      THREAD_QUERY_LIMITED_INFORMATION, FALSE, 0) != 0) {
    thread_ = std::shared_ptr<void>(thread, CloseHandle);
  }
}

std::int64_t ThreadProbe::CpuTime() const { return thread_ == nullptr ? -1 : TimeOf(thread_.get()); }
std::int64_t ThreadProbe::OwnCpuTime() { return TimeOf(GetCurrentThread()); }

#elif defined(__APPLE__)

// The port is the thread's own, and lives as long.
ThreadProbe::ThreadProbe() : thread_(pthread_mach_thread_np(pthread_self())) {}

std::int64_t ThreadProbe::CpuTime() const {
  thread_basic_info info{};
  mach_msg_type_number_t count = THREAD_BASIC_INFO_COUNT;
  if (thread_info(thread_, THREAD_BASIC_INFO, reinterpret_cast<thread_info_t>(&info), &count) !=
      KERN_SUCCESS) {
    return -1;
  }
  const std::int64_t seconds = std::int64_t{info.user_time.seconds} + info.system_time.seconds;
  const std::int64_t microseconds = std::int64_t{info.user_time.microseconds} + info.system_time.microseconds;
  return (seconds * 1'000'000 + microseconds) * 1'000;
}

#else

ThreadProbe::ThreadProbe() = default;
std::int64_t ThreadProbe::CpuTime() const { return -1; }

#endif

std::int64_t ThreadProbe::QueuedTime() const { return -1; }
bool ThreadProbe::IsPaused() const { return false; }

#endif

}  // namespace context
