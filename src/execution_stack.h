#ifndef CONTEXT_SRC_EXECUTION_STACK_H_
#define CONTEXT_SRC_EXECUTION_STACK_H_

#include <cstddef>
#include <cstdint>

namespace context {

// Which snapshots run now: level 0 is code outside of all callbacks (the main script), and each callback that
// is running has a level on top, pushed by its `before` and popped by its `after` event. The memory is shared
// with JavaScript (lib/engine/async-hooks.js pushes and pops) and is somebody else's, who keeps it until the
// stack has been moved out of it. It is an array of doubles:
//
//   [0]          the number of the top level
//   [2 * n + 1]  level n: the async id of its callback, as async_hooks tells it
//   [2 * n + 2]  level n: the record of the snapshot that is active in it, 0 where all namespaces are in
//   their defaults
class ExecutionStack {
 public:
  // The length of the array that has room for so many levels.
  static constexpr std::size_t Length(std::size_t levels) { return 2 * levels + 1; }

  // Moves the stack into other, zeroed memory with room for `levels` levels, at least as many as are in use.
  void Move(double* memory, std::size_t levels);

  // The record of the snapshot that is active now, 0 for none.
  std::int32_t active() const;

  // The number of levels that there is room for.
  std::size_t levels() const { return levels_; }

 private:
  double* memory_ = nullptr;
  std::size_t levels_ = 0;
};

}  // namespace context

#endif  // CONTEXT_SRC_EXECUTION_STACK_H_
