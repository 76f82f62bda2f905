#ifndef CONTEXT_SRC_LINE_WRITER_H_
#define CONTEXT_SRC_LINE_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "thread.h"

namespace context {

// Writes lines to a file descriptor on its own thread, since any write may block: a terminal may be stopped,
// a pipe full. Nobody else ever waits for a reader: lines that don't fit the buffer are dropped and counted,
// and a thread that hangs is abandoned. Allocates nothing after the start.
class LineWriter {
 public:
  // The buffer's size in bytes.
  static constexpr std::size_t kCapacity = 98'304;

  // In nanoseconds: when a line that is not accepted counts as an error, and how long Stop waits for a
  // working destination.
  static constexpr std::int64_t kPatience = 1'000'000'000;

  // Duplicates the descriptor, see Destination. -1 discards everything.
  explicit LineWriter(int fd);
  ~LineWriter();
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;
  LineWriter(LineWriter&&) = delete;
  LineWriter& operator=(LineWriter&&) = delete;

  // Starts the thread. Returns false if it could not be created.
  bool Start();

  // Adds a line of JSON, closed by `end`, with the number of lines lost before it. Returns false if the line
  // was dropped.
  bool Add(std::string_view line, std::string_view end);

  // The error of the first failed line, 0 for none.
  int error() const;

  // Writes buffered lines and ends the thread. If the destination accepts nothing, abandons the thread and
  // its data instead.
  void Stop();

  // Must be called in a forked child, which has no such thread and must not write the parent's lines.
  void Forget();

 private:
  struct Channel;

  static void Run(void* data);

  std::shared_ptr<Channel> channel_;  // shared with the thread; nullptr discards
  Thread thread_;
};

}  // namespace context

#endif  // CONTEXT_SRC_LINE_WRITER_H_
