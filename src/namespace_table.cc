#include "namespace_table.h"

#include <utility>

namespace context {

std::int32_t NamespaceTable::Create(std::u16string name) {
  Namespace created = {std::move(name), {}};
  if (free_.empty()) {
    slots_.emplace_back(std::move(created));
    return static_cast<std::int32_t>(slots_.size() - 1);
  }
  const std::int32_t slot = free_.back();
  free_.pop_back();
  slots_[static_cast<std::size_t>(slot)] = std::move(created);
  return slot;
}

bool NamespaceTable::NameKey(std::int32_t slot, std::size_t index, std::string key) {
  if (Find(slot) == nullptr) {
    return false;
  }
  std::vector<std::string>& keys = slots_[static_cast<std::size_t>(slot)]->keys;
  if (keys.size() <= index) {
    keys.resize(index + 1);
  }
  keys[index] = std::move(key);
  return true;
}

const std::string* NamespaceTable::KeyOf(std::int32_t slot, std::size_t index) const {
  const Namespace* found = Find(slot);
  return found != nullptr && index < found->keys.size() ? &found->keys[index] : nullptr;
}

void NamespaceTable::Release(std::int32_t slot) {
  slots_[static_cast<std::size_t>(slot)].reset();
  free_.push_back(slot);
}

const std::u16string* NamespaceTable::NameOf(std::int32_t slot) const {
  const Namespace* found = Find(slot);
  return found == nullptr ? nullptr : &found->name;
}

const NamespaceTable::Namespace* NamespaceTable::Find(std::int32_t slot) const {
  const auto number = static_cast<std::size_t>(slot);
  return number < slots_.size() && slots_[number].has_value() ? &*slots_[number] : nullptr;
}

}  // namespace context
