#ifndef CONTEXT_SRC_NAMESPACE_TABLE_H_
#define CONTEXT_SRC_NAMESPACE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace context {

// What is counted for a namespace. JavaScript counts (lib/namespace.js has the same layout) and the core reads; doubles,
// because JavaScript counts exactly with them up to 2^53.
struct Counters {
  double created;  // contexts created
  double entered;  // frames made by run, enter and calls of bound functions
  double ended;    // `end` events emitted
  double deepest;  // the greatest depth that a frame had
};

// The namespaces: which slot each has, which of them are registered under their name, and where their counters are. The
// counters' memory belongs to the JavaScript runtime, which keeps it for as long as the namespace lives.
class NamespaceTable {
 public:
  // Gives a new namespace a slot and registers it under its name; one that was registered there is so no longer. Returns
  // the slot, from 0.
  std::int32_t Create(std::u16string name, const Counters* counters);

  // Takes a name out of the registry. False where no namespace is registered under it.
  bool Unregister(const std::u16string& name);

  // The namespace of a slot has been collected: the slot can be used again. Its counters are not looked at.
  void Release(std::int32_t slot);

  struct Entry {
    std::u16string name;
    const Counters* counters;  // nullptr in a free slot
  };

  // All slots, those in use and those that are free.
  const std::vector<Entry>& slots() const { return slots_; }

  // Whether the namespace of a slot is the one registered under its name.
  bool IsRegistered(std::int32_t slot) const;

 private:
  std::vector<Entry> slots_;
  std::vector<std::int32_t> free_;
  std::unordered_map<std::u16string, std::int32_t> registered_;
};

}  // namespace context

#endif  // CONTEXT_SRC_NAMESPACE_TABLE_H_
