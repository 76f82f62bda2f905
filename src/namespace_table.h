#ifndef CONTEXT_SRC_NAMESPACE_TABLE_H_
#define CONTEXT_SRC_NAMESPACE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace context {

// The namespaces that live: each has a slot, by whose number frames name it. Which of them is registered
// under a name is for JavaScript to know (lib/api/registry.js): several may have the same one.
class NamespaceTable {
 public:
  // Gives a new namespace a slot and returns its number, from 0. The name is for people: what is no valid
  // UTF-16 was replaced in it.
  std::int32_t Create(std::u16string name);

  // Gives a key of a namespace the index of its labels. Says whether the namespace is there. The text is
  // UTF-8, for people.
  bool NameKey(std::int32_t slot, std::size_t index, std::string key);

  // The key of an index, nullptr if the namespace has none.
  const std::string* KeyOf(std::int32_t slot, std::size_t index) const;

  // The namespace of a slot has been collected: the slot can be used again.
  void Release(std::int32_t slot);

  // The name of the namespace of a slot, nullptr if there is no such slot or it is free.
  const std::u16string* NameOf(std::int32_t slot) const;

  // How many slots there are, free ones included.
  std::size_t size() const { return slots_.size(); }

 private:
  struct Namespace {
    std::u16string name;
    std::vector<std::string> keys;  // by the index of the labels
  };

  const Namespace* Find(std::int32_t slot) const;

  std::vector<std::optional<Namespace>> slots_;  // nothing in a free slot
  std::vector<std::int32_t> free_;
};

}  // namespace context

#endif  // CONTEXT_SRC_NAMESPACE_TABLE_H_
