#include "line_writer.h"

#include <cerrno>
#include <cstddef>

#ifdef _WIN32
#include <io.h>
#else
#include <poll.h>
#include <unistd.h>
#endif

namespace context {

#ifdef _WIN32

int WriteTo(int fd, std::string_view text, const std::atomic<bool>& is_cancelled) {
  if (is_cancelled) {
    return 0;
  }
  return _write(fd, text.data(), static_cast<unsigned int>(text.size())) < 0 ? errno : 0;
}

#else

int WriteTo(int fd, std::string_view text, const std::atomic<bool>& is_cancelled) {
  // A pipe that can be written to takes so much at once, without waiting for a reader.
  constexpr std::size_t kPiece = 4096;
  constexpr int kWait = 20;  // milliseconds
  int waits = 50;
  while (!text.empty() && !is_cancelled) {
    pollfd polled = {fd, POLLOUT, 0};
    const int ready = poll(&polled, 1, kWait);
    if (ready == 0 || (ready < 0 && errno == EINTR)) {
      if (--waits == 0) {
        return EAGAIN;
      }
      continue;
    }
    if ((polled.revents & POLLNVAL) != 0) {
      return EBADF;
    }
    const ssize_t written = write(fd, text.data(), text.size() < kPiece ? text.size() : kPiece);
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if ((errno != EAGAIN && errno != EINTR) || --waits == 0) {
      return errno;
    }
  }
  return 0;
}

#endif

}  // namespace context
