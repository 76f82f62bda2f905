#ifndef CONTEXT_SRC_NAMESPACE_TABLE_H_
#define CONTEXT_SRC_NAMESPACE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace context {

// What is counted for a namespace. JavaScript counts (lib/slot.js has the same layout) and the core reads;
// doubles, because JavaScript counts exactly with them up to 2^53.
struct Counters {
  double created;  // contexts created
  double entered;  // frames made by run, enter and calls of bound functions
  double ended;    // `end` events emitted
  double deepest;  // the greatest depth that a frame had
};

// The namespaces that live: each has a slot, by whose number frames name it. Which of them is registered
// under a name is for JavaScript to know (lib/registry.js): several may have the same one. The counters'
// memory belongs to the JavaScript runtime, which keeps it for as long as the namespace lives.
class NamespaceTable {
 public:
  struct Entry {
    std::u16string name;                 // for people: what is no valid UTF-16 was replaced in it
    const Counters* counters = nullptr;  // nullptr in a free slot
  };

  // Gives a new namespace a slot and returns its number, from 0.
  std::int32_t Create(std::u16string name, const Counters* counters);

  // The namespace of a slot has been collected: the slot can be used again. Its counters are not looked at.
  void Release(std::int32_t slot);

  // The namespace of a slot, nullptr where the slot is free or none.
  const Entry* Find(std::int32_t slot) const;

  // How many slots there are, free ones included.
  std::size_t size() const { return slots_.size(); }

 private:
  std::vector<Entry> slots_;
  std::vector<std::int32_t> free_;
};

}  // namespace context

#endif  // CONTEXT_SRC_NAMESPACE_TABLE_H_
