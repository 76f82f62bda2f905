#include "namespace_table.h"

#include <utility>

namespace context {

std::int32_t NamespaceTable::Create(std::u16string name, const Counters* counters) {
  if (free_.empty()) {
    slots_.push_back({std::move(name), counters});
    return static_cast<std::int32_t>(slots_.size() - 1);
  }
  const std::int32_t slot = free_.back();
  free_.pop_back();
  slots_[slot] = {std::move(name), counters};
  return slot;
}

void NamespaceTable::Release(std::int32_t slot) {
  slots_[slot] = {};
  free_.push_back(slot);
}

const NamespaceTable::Entry* NamespaceTable::Find(std::int32_t slot) const {
  const auto number = static_cast<std::size_t>(slot);
  return number < slots_.size() && slots_[number].counters != nullptr ? &slots_[number] : nullptr;
}

}  // namespace context
