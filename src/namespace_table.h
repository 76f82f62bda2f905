#ifndef CONTEXT_SRC_NAMESPACE_TABLE_H_
#define CONTEXT_SRC_NAMESPACE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace context {

// Living namespaces by slot, the number by which frames refer to them. Several may have the same name; the
// registry is in JavaScript (lib/api/registry.js).
class NamespaceTable {
 public:
  // Allocates a slot and returns its number, from 0. The name is for display; invalid UTF-16 was replaced.
  std::int32_t Create(std::u16string name);

  // Names the key with an index. Returns false if there is no such namespace. The text is UTF-8, for display.
  bool NameKey(std::int32_t slot, std::size_t index, std::string key);

  // The key with an index; nullptr if there is none.
  const std::string* KeyOf(std::int32_t slot, std::size_t index) const;

  // Frees the slot of a collected namespace.
  void Release(std::int32_t slot);

  // The name of a slot's namespace; nullptr if there is none.
  const std::u16string* NameOf(std::int32_t slot) const;

  // The number of slots, including free ones.
  std::size_t size() const { return slots_.size(); }

 private:
  struct Namespace {
    std::u16string name;
    std::vector<std::string> keys;  // by label index
  };

  const Namespace* Find(std::int32_t slot) const;

  std::vector<std::optional<Namespace>> slots_;  // nullopt in a free slot
  std::vector<std::int32_t> free_;
};

}  // namespace context

#endif  // CONTEXT_SRC_NAMESPACE_TABLE_H_
