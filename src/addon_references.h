#ifndef CONTEXT_SRC_ADDON_REFERENCES_H_
#define CONTEXT_SRC_ADDON_REFERENCES_H_

#include <napi.h>

#include <cstddef>
#include <utility>
#include <vector>

// Lists of references to JavaScript's objects, and memory that is JavaScript's.
namespace context {

// Puts a value into a list of references at an index, which may be its end.
template <typename Reference>
void PutReference(std::vector<Reference>* references, std::size_t index, Reference reference) {
  if (references->size() <= index) {
    references->resize(index + 1);
  }
  (*references)[index] = std::move(reference);
}

// Makes a list of references shorter, and gives back what it took.
template <typename Reference>
void Shorten(std::vector<Reference>* references, std::size_t size) {
  if (references->size() > size) {
    references->resize(size);
    references->shrink_to_fit();
  }
}

// Frees the memory of an array at once: without this it would stay until the next collection.
inline void Detach(Napi::Env env, Napi::Int32Array memory) {
  // It fails if the array is there no longer, or the environment is on its way out: then it is free already,
  // or soon.
  if (!memory.IsEmpty()) {
    static_cast<void>(napi_detach_arraybuffer(env, memory.ArrayBuffer()));
  }
}

}  // namespace context

#endif  // CONTEXT_SRC_ADDON_REFERENCES_H_
