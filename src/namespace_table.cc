#include "namespace_table.h"

#include <utility>

namespace context {

std::int32_t NamespaceTable::Create(std::u16string name, const Counters* counters) {
  std::int32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::int32_t>(slots_.size());
    slots_.push_back({name, counters});
  } else {
    slot = free_.back();
    free_.pop_back();
    slots_[slot] = {name, counters};
  }
  registered_[std::move(name)] = slot;
  return slot;
}

bool NamespaceTable::Unregister(const std::u16string& name) { return registered_.erase(name) != 0; }

void NamespaceTable::Release(std::int32_t slot) {
  if (IsRegistered(slot)) {
    registered_.erase(slots_[slot].name);
  }
  slots_[slot] = {{}, nullptr};
  free_.push_back(slot);
}

bool NamespaceTable::IsRegistered(std::int32_t slot) const {
  const auto found = registered_.find(slots_[slot].name);
  return found != registered_.end() && found->second == slot;
}

}  // namespace context
