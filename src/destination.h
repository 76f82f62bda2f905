#ifndef CONTEXT_SRC_DESTINATION_H_
#define CONTEXT_SRC_DESTINATION_H_

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string_view>

#ifdef _WIN32
#include <memory>
#endif

namespace context {

// A duplicate of a file descriptor: the original may be closed and its number reused for a foreign file. If
// the duplicate itself is closed by somebody, nothing is written or closed any more.
class Destination {
 public:
  // The error of a destination that accepts nothing.
#ifdef _WIN32
  static constexpr int kBusy = 4088;
#else
  static constexpr int kBusy = EAGAIN;
#endif

  // -1 discards everything.
  explicit Destination(int fd);
  ~Destination();
  Destination(const Destination&) = delete;
  Destination& operator=(const Destination&) = delete;
  Destination(Destination&&) = delete;
  Destination& operator=(Destination&&) = delete;

  // The error number if duplicating failed, else 0. On Windows, that of libuv, without its sign.
  int error() const { return error_; }

  // Writes a line, waiting as long as necessary. Returns 0 or an error number, after which part of the line
  // may have been written. Uses a single system call if the system accepts the whole line, so that lines of
  // several processes don't mix in a file, or in a pipe up to 4,096 bytes. Gives up soon after `is_abandoned`
  // is set. On Windows it gives up after a second: until then, nobody else can use the pipe or console.
  int Write(std::string_view line, const std::atomic<bool>& is_abandoned);

  // Guesses whether a write would succeed now.
  bool IsWritable() const;

 private:
#ifdef _WIN32
  struct Output;

  std::unique_ptr<Output> output_;
#else
  // Whether the duplicate still refers to the same file.
  bool IsSame() const;

  int fd_ = -1;
  bool is_regular_ = false;
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
#endif
  int error_ = 0;
};

}  // namespace context

#endif  // CONTEXT_SRC_DESTINATION_H_
