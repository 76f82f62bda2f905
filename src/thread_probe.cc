#include "thread_probe.h"

#ifdef __linux__
#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#endif

namespace context {

#ifdef __linux__

namespace {

using Text = std::array<char, 64>;

// Reads the beginning of a file.
bool Read(const char* path, Text* text) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return false;
  }
  const ssize_t length = read(fd, text->data(), text->size() - 1);
  close(fd);
  return length > 0;
}

}  // namespace

ThreadProbe::ThreadProbe() {
  has_clock_ = pthread_getcpuclockid(pthread_self(), &clock_) == 0;
  const auto thread = static_cast<long>(syscall(SYS_gettid));
  static_cast<void>(
      std::snprintf(syscall_path_.data(), syscall_path_.size(), "/proc/self/task/%ld/syscall", thread));
}

std::int64_t ThreadProbe::CpuTime() const {
  timespec time{};
  const bool is_known = has_clock_ && clock_gettime(clock_, &time) == 0;
  return is_known ? std::int64_t{1'000'000'000} * time.tv_sec + time.tv_nsec : -1;
}

bool ThreadProbe::IsWaiting() const {
  Text text{};
  return Read(syscall_path_.data(), &text) && std::strtol(text.data(), nullptr, 10) == SYS_futex;
}

#else

ThreadProbe::ThreadProbe() = default;
std::int64_t ThreadProbe::CpuTime() const { return -1; }
bool ThreadProbe::IsWaiting() const { return true; }

#endif

}  // namespace context
