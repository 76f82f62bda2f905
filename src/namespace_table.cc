#include "namespace_table.h"

#include <utility>

namespace context {

std::int32_t NamespaceTable::Create(std::u16string name) {
  if (free_.empty()) {
    slots_.emplace_back(std::move(name));
    return static_cast<std::int32_t>(slots_.size() - 1);
  }
  const std::int32_t slot = free_.back();
  free_.pop_back();
  slots_[slot] = std::move(name);
  return slot;
}

void NamespaceTable::Release(std::int32_t slot) {
  slots_[slot].reset();
  free_.push_back(slot);
}

const std::u16string* NamespaceTable::NameOf(std::int32_t slot) const {
  const auto number = static_cast<std::size_t>(slot);
  return number < slots_.size() && slots_[number].has_value() ? &*slots_[number] : nullptr;
}

}  // namespace context
