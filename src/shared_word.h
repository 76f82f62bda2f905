#ifndef CONTEXT_SRC_SHARED_WORD_H_
#define CONTEXT_SRC_SHARED_WORD_H_

#include <atomic>
#include <cstdint>

namespace context {

// A word that JavaScript writes as an element of an Int32Array while another thread may read it. JavaScript
// has no std::atomic, but uses the same instructions on the same memory.
static_assert(sizeof(std::atomic<std::int32_t>) == sizeof(std::int32_t));
static_assert(std::atomic<std::int32_t>::is_always_lock_free);

inline std::int32_t LoadWord(const std::int32_t* word, std::memory_order order = std::memory_order_relaxed) {
  return reinterpret_cast<const std::atomic<std::int32_t>*>(word)->load(order);
}

inline void StoreWord(std::int32_t* word, std::int32_t value,
                      std::memory_order order = std::memory_order_relaxed) {
  reinterpret_cast<std::atomic<std::int32_t>*>(word)->store(value, order);
}

}  // namespace context

#endif  // CONTEXT_SRC_SHARED_WORD_H_
