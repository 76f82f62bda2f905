#ifndef CONTEXT_SRC_ADDON_REFERENCES_H_
#define CONTEXT_SRC_ADDON_REFERENCES_H_

#include <napi.h>

#include <cstddef>
#include <utility>
#include <vector>

// Lists of references to JavaScript objects, and JavaScript memory.
namespace context {

// Stores a reference at an index, which may be the end of the list.
template <typename Reference>
void PutReference(std::vector<Reference>* references, std::size_t index, Reference reference) {
  if (references->size() <= index) {
    references->resize(index + 1);
  }
  (*references)[index] = std::move(reference);
}

// Truncates a list and frees its excess memory.
template <typename Reference>
void Shorten(std::vector<Reference>* references, std::size_t size) {
  if (references->size() > size) {
    references->resize(size);
    references->shrink_to_fit();
  }
}

// Frees the memory of an array at once, instead of at its collection.
inline void Detach(Napi::Env env, Napi::Int32Array memory) {
  // Fails if the array was collected or the environment is ending: then the memory is freed anyway.
  if (!memory.IsEmpty()) {
    static_cast<void>(napi_detach_arraybuffer(env, memory.ArrayBuffer()));
  }
}

}  // namespace context

#endif  // CONTEXT_SRC_ADDON_REFERENCES_H_
