#ifndef CONTEXT_SRC_ADDON_STACK_H_
#define CONTEXT_SRC_ADDON_STACK_H_

#include <napi.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "json_line.h"

namespace context {

// Reads the JavaScript stack of the calling thread without running JavaScript (no getters, no
// Error.prepareStackTrace), so it may be called in the middle of any code.
class StackReader {
 public:
  static bool CanRead();

  // `library` is the folder of lib/, whose calls don't count as the application's; empty if unknown.
  StackReader(Napi::Env env, std::string library) : env_(env), library_(std::move(library)) {}

  // Appends the calls as a JSON array, innermost first, as many as fit. Returns whether one of them is in a
  // file of neither Node.js nor this library.
  bool Read(JsonLine* line);

 private:
  // Appends one call. Returns whether it is the application's.
  bool ReadCall(const void* frame, JsonLine* line);

  // The beginning of a V8 string; empty for other values.
  std::string_view TextOf(void* string, std::array<char, 1024>* text) const;

  Napi::Env env_;
  std::string library_;
};

}  // namespace context

#endif  // CONTEXT_SRC_ADDON_STACK_H_
