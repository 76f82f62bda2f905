#ifndef CONTEXT_SRC_V8_FUNCTIONS_H_
#define CONTEXT_SRC_V8_FUNCTIONS_H_

#include <cstdint>

namespace context {

// Functions of V8's that Node-API has no equal of. All releases export them under these names, and they take
// and return pointers and numbers alone, so they are looked up at run time and need no headers of V8's. A
// v8::Local is a pointer, which is also what Node-API calls a napi_value.
struct V8Functions {
  // A v8::Location, as it is returned in a register: the line, and the column in the upper half, from 0.
  using Location = std::uint64_t;

  using InterruptCallback = void (*)(void* isolate, void* data);

  void* (*get_current)() = nullptr;
  void (*request_interrupt)(void* isolate, InterruptCallback callback, void* data) = nullptr;
  void* (*current_stack_trace)(void* isolate, int limit, int options) = nullptr;
  int (*frame_count)(const void* trace) = nullptr;
  void* (*frame)(const void* trace, void* isolate, std::uint32_t index) = nullptr;
  void* (*function_name)(const void* frame) = nullptr;
  void* (*script_name)(const void* frame) = nullptr;
  Location (*location)(const void* frame) = nullptr;
  bool (*is_constructor)(const void* frame) = nullptr;

  // Whether interrupts can be requested, and whether stacks can be read: nothing is missing.
  bool has_interrupts = false;
  bool has_stacks = false;

  static const V8Functions& Get();

 private:
  V8Functions();
};

}  // namespace context

#endif  // CONTEXT_SRC_V8_FUNCTIONS_H_
