#include "execution_stack.h"

#include <algorithm>

namespace context {

void ExecutionStack::Move(double* memory, std::size_t levels) {
  if (memory_ != nullptr) {
    const auto top = static_cast<std::size_t>(memory_[0]);
    std::copy_n(memory_, 2 * (top + 1) + 1, memory);
  }
  memory_ = memory;
  levels_ = levels;
}

std::int32_t ExecutionStack::active() const {
  if (memory_ == nullptr) {
    return 0;
  }
  const auto top = static_cast<std::size_t>(memory_[0]);
  return static_cast<std::int32_t>(memory_[2 * top + 2]);
}

}  // namespace context
