#ifndef _WIN32

#include "destination.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace context {

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
  return kBusy;
}

bool Destination::IsWritable() const {
  pollfd polled = {fd_, POLLOUT, 0};
  return poll(&polled, 1, 0) > 0;
}

}  // namespace context

#endif  // _WIN32
