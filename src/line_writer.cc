#include "line_writer.h"

#include <algorithm>
#include <cerrno>

#ifdef _WIN32
#include <io.h>
#else
#include <poll.h>
#include <unistd.h>
#endif

namespace context {

namespace {

// A pipe that can be written to takes so much at once, without waiting for a reader.
constexpr std::size_t kPiece = 4096;

// Writes a piece of a text if that does not have to wait. Returns how much it wrote, or -1; then `*error`
// says why: EAGAIN if it would have had to wait.
std::ptrdiff_t WritePiece(int fd, std::string_view text, int* error) {
#ifdef _WIN32
  const int written = _write(fd, text.data(), static_cast<unsigned int>(text.size()));
  *error = errno;
  return written;
#else
  pollfd polled = {fd, POLLOUT, 0};
  const int ready = poll(&polled, 1, 0);
  if (ready <= 0) {
    *error = ready == 0 || errno == EINTR ? EAGAIN : errno;
    return -1;
  }
  if ((polled.revents & POLLNVAL) != 0) {
    *error = EBADF;
    return -1;
  }
  const ssize_t written = write(fd, text.data(), std::min(text.size(), kPiece));
  *error = errno == EINTR ? EAGAIN : errno;
  return written;
#endif
}

}  // namespace

LineWriter::LineWriter(int fd) : fd_(fd) {
  if (fd_ >= 0) {
    added_.reserve(kCapacity);
    taken_.reserve(kCapacity + 1);
  }
}

bool LineWriter::Add(std::string_view line, std::string_view end) {
  if (fd_ < 0) {
    return true;
  }
  if (kCapacity - added_.size() < line.size() + end.size()) {
    return false;
  }
  added_.append(line).append(end);
  return true;
}

bool LineWriter::Take() {
  if (!taken_.empty()) {
    return true;
  }
  if (added_.empty()) {
    return false;
  }
  taken_.assign(is_torn_ ? "\n" : "").append(added_);
  added_.clear();
  return true;
}

int LineWriter::Write(std::int64_t now) {
  while (written_ < taken_.size()) {
    int error = 0;
    const std::ptrdiff_t count = WritePiece(fd_, std::string_view(taken_).substr(written_), &error);
    if (count >= 0) {
      written_ += static_cast<std::size_t>(count);
      waits_since_ = -1;
    } else if (error == EAGAIN && waits_since_ < 0) {
      waits_since_ = now;
      return 0;
    } else if (error == EAGAIN && now - waits_since_ < kPatience) {
      return 0;
    } else {
      GiveUp();
      return error;
    }
  }
  GiveUp();
  return 0;
}

void LineWriter::Flush() {
  while (Take()) {
    static_cast<void>(Write(0));
    if (!taken_.empty()) {
      break;
    }
  }
  Forget();
}

void LineWriter::GiveUp() {
  if (written_ > 0) {
    is_torn_ = taken_[written_ - 1] != '\n';
  }
  taken_.clear();
  written_ = 0;
  waits_since_ = -1;
}

void LineWriter::Forget() {
  added_.clear();
  GiveUp();
}

}  // namespace context
