#ifndef CONTEXT_SRC_LINE_WRITER_H_
#define CONTEXT_SRC_LINE_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace context {

// Writes lines to a file descriptor, and never waits for one that takes no more: what is left is written by a
// later call, or given up. A line is written as a whole, or it is not there, or the next one begins on a line
// of its own. Nothing is allocated once it was made.
//
// Add and Take are for whoever holds the mutex of the owner; Write is for one thread at a time, without it.
class LineWriter {
 public:
  // How many bytes of lines may wait.
  static constexpr std::size_t kCapacity = 98'304;

  // After how long lines that nobody takes are given up, in nanoseconds.
  static constexpr std::int64_t kPatience = 1'000'000'000;

  // -1 for nowhere: what is added is forgotten.
  explicit LineWriter(int fd);

  // Adds parts of one line. Says whether there was room for it; if not, it is left out.
  bool Add(std::string_view line, std::string_view end = {});

  // Takes what was added, to be written next. Says whether there is anything to be written.
  bool Take();

  // Writes as much of what was taken as can be written at once. Returns 0, or the number of the error for
  // which the rest of it was given up. `now` is in nanoseconds, of a clock that does not go back.
  int Write(std::int64_t now);

  // Whether there is anything that was not written yet.
  bool is_waiting() const { return !added_.empty() || !taken_.empty(); }

  // Writes what can be written at once, and forgets the rest.
  void Flush();

  // Forgets what was not written.
  void Forget();

 private:
  // Gives up what is left of what was taken.
  void GiveUp();

  const int fd_;
  std::string added_;
  std::string taken_;
  std::size_t written_ = 0;        // how much of what was taken
  std::int64_t waits_since_ = -1;  // since when nothing could be written, -1 if that is not so
  bool is_torn_ = false;           // the last line that was written is not whole
};

}  // namespace context

#endif  // CONTEXT_SRC_LINE_WRITER_H_
