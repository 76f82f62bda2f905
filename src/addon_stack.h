#ifndef CONTEXT_SRC_ADDON_STACK_H_
#define CONTEXT_SRC_ADDON_STACK_H_

#include <napi.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "json_line.h"

namespace context {

// Reads the JavaScript stack of the thread that calls it, and runs no JavaScript for that: no getter, no
// Error.prepareStackTrace. It may be called in the middle of any code.
class StackReader {
 public:
  static bool CanRead();

  // `library` is the folder of lib/, whose calls are not the application's; empty if there is none.
  StackReader(Napi::Env env, std::string library) : env_(env), library_(std::move(library)) {}

  // Appends the calls as an array of JSON, the innermost first: as many as there is room for. Says whether
  // one of them is of a file that is neither of Node.js nor of this library.
  bool Read(JsonLine* line);

 private:
  // Appends one call. Says whether it is the application's.
  bool ReadCall(const void* frame, JsonLine* line);

  // The beginning of a string of V8's, empty if it is none.
  std::string_view TextOf(void* string, std::array<char, 1024>* text) const;

  Napi::Env env_;
  std::string library_;
};

}  // namespace context

#endif  // CONTEXT_SRC_ADDON_STACK_H_
