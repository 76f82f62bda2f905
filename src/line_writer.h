#ifndef CONTEXT_SRC_LINE_WRITER_H_
#define CONTEXT_SRC_LINE_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "thread.h"

namespace context {

// Writes lines to a file descriptor in a thread of its own, as nothing says beforehand whether a write has to
// wait: a terminal may be stopped, and a pipe may be filled by another process in between. Nobody else ever
// waits for a reader: lines for which there is no room are left out and counted, and a thread that does not
// come back is left behind. Nothing is allocated once it was started.
class LineWriter {
 public:
  // How many bytes of lines may wait.
  static constexpr std::size_t kCapacity = 98'304;

  // After how long a line that nobody takes is an error, and for how long Stop waits for a destination that
  // takes lines, in nanoseconds.
  static constexpr std::int64_t kPatience = 1'000'000'000;

  // Duplicates the descriptor, see Destination. -1 for nowhere: what is added is forgotten.
  explicit LineWriter(int fd);
  ~LineWriter();
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;
  LineWriter(LineWriter&&) = delete;
  LineWriter& operator=(LineWriter&&) = delete;

  // Starts the thread. Says whether the system has one to give.
  bool Start();

  // Adds a line of JSON; `end` closes it. If lines were lost before, it says how many. Says whether there was
  // room for it; if not, it is lost.
  bool Add(std::string_view line, std::string_view end);

  // The error of the first line that could not be written, 0 for none.
  int error() const;

  // Writes what is left, if the destination takes it, and ends the thread. Does not wait for one that takes
  // nothing: the thread is left behind, with all that it needs.
  void Stop();

  // In the child of a fork, which has no such thread: what was added is the parent's.
  void Forget();

 private:
  struct Channel;

  static void Run(void* data);

  std::shared_ptr<Channel> channel_;  // the thread's as well; nullptr if there is nothing to write to
  Thread thread_;
};

}  // namespace context

#endif  // CONTEXT_SRC_LINE_WRITER_H_
