#ifndef CONTEXT_SRC_LINE_WRITER_H_
#define CONTEXT_SRC_LINE_WRITER_H_

#include <atomic>
#include <string_view>

namespace context {

// Writes a text to a file descriptor. Waits a second at most for one that takes no more, and gives up as soon
// as it is cancelled. Returns 0, or the number of the error.
int WriteTo(int fd, std::string_view text, const std::atomic<bool>& is_cancelled);

}  // namespace context

#endif  // CONTEXT_SRC_LINE_WRITER_H_
