#include "destination.h"

#include <cerrno>

#ifdef _WIN32
#include <io.h>
#else
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace context {

#ifdef _WIN32

Destination::Destination(int fd) : fd_(fd < 0 ? -1 : _dup(fd)), error_(fd < 0 || fd_ >= 0 ? 0 : errno) {}

Destination::~Destination() {
  if (fd_ >= 0) {
    _close(fd_);
  }
}

int Destination::Write(std::string_view line, const std::atomic<bool>& is_abandoned) {
  while (!line.empty() && !is_abandoned) {
    const int written = _write(fd_, line.data(), static_cast<unsigned int>(line.size()));
    if (written < 0) {
      return errno;
    }
    line.remove_prefix(static_cast<std::size_t>(written));
  }
  return line.empty() ? 0 : EAGAIN;
}

bool Destination::IsWritable() const { return false; }
bool Destination::IsSame() const { return true; }

#else

namespace {

// How long to wait at a time for a full destination, in milliseconds.
constexpr int kSlice = 50;

// Descriptors 0 to 2 are for standard streams: a program that finds one closed may open another file there.
constexpr int kFirst = 3;

void Sleep(int milliseconds) { static_cast<void>(poll(nullptr, 0, milliseconds)); }

}  // namespace

Destination::Destination(int fd) {
  if (fd < 0) {
    return;
  }
  fd_ = fcntl(fd, F_DUPFD_CLOEXEC, kFirst);
  struct stat file {};
  if (fd_ < 0 || fstat(fd_, &file) != 0) {
    error_ = errno;
    return;
  }
  is_regular_ = S_ISREG(file.st_mode);
  device_ = static_cast<std::uint64_t>(file.st_dev);
  inode_ = static_cast<std::uint64_t>(file.st_ino);
}

Destination::~Destination() {
  if (fd_ >= 0 && IsSame()) {
    close(fd_);
  }
}

bool Destination::IsSame() const {
  struct stat file {};
  return fstat(fd_, &file) == 0 && static_cast<std::uint64_t>(file.st_dev) == device_ &&
         static_cast<std::uint64_t>(file.st_ino) == inode_;
}

int Destination::Write(std::string_view line, const std::atomic<bool>& is_abandoned) {
  while (!is_abandoned) {
    if (!IsSame()) {
      return EBADF;
    }
    const ssize_t written = write(fd_, line.data(), line.size());
    if (written >= 0) {
      line.remove_prefix(static_cast<std::size_t>(written));
      if (line.empty()) {
        return 0;
      }
      if (is_regular_) {
        // The disk is full. Other processes may have appended to the file by now, so the rest must not
        // follow.
        return ENOSPC;
      }
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      // The descriptor was set to non-blocking. poll may be wrong about how much can be written.
      Sleep(1);
      pollfd polled = {fd_, POLLOUT, 0};
      static_cast<void>(poll(&polled, 1, kSlice));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return EAGAIN;
}

bool Destination::IsWritable() const {
  pollfd polled = {fd_, POLLOUT, 0};
  return poll(&polled, 1, 0) > 0;
}

#endif

}  // namespace context
