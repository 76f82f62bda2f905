#ifndef CONTEXT_SRC_DESTINATION_H_
#define CONTEXT_SRC_DESTINATION_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace context {

// What a file descriptor refers to, by a descriptor of its own: the number that was given may be closed and
// be given to another file, which is none of ours. If somebody closes the duplicate too, nothing is written
// any more, and nothing is closed.
class Destination {
 public:
  // -1 for nowhere.
  explicit Destination(int fd);
  ~Destination();
  Destination(const Destination&) = delete;
  Destination& operator=(const Destination&) = delete;
  Destination(Destination&&) = delete;
  Destination& operator=(Destination&&) = delete;

  // The number of the error because of which there is no duplicate, 0 if there is one.
  int error() const { return error_; }

  // Writes a line, and waits for as long as that takes. Returns 0, or the number of an error; part of the
  // line may have been written then. A line is written by one call of the system if the system takes it as a
  // whole: lines that several processes append to a file, or of up to 4,096 bytes to a pipe, are not mixed.
  // Once `is_abandoned` is set, it is given up as soon as the system returns.
  int Write(std::string_view line, const std::atomic<bool>& is_abandoned);

  // Whether it would take something now. A guess: it may be wrong in both ways.
  bool IsWritable() const;

 private:
  // Whether the duplicate still refers to what it did.
  bool IsSame() const;

  int fd_ = -1;
  int error_ = 0;
  bool is_regular_ = false;
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
};

}  // namespace context

#endif  // CONTEXT_SRC_DESTINATION_H_
