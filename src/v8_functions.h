#ifndef CONTEXT_SRC_V8_FUNCTIONS_H_
#define CONTEXT_SRC_V8_FUNCTIONS_H_

#include <cstdint>

namespace context {

// V8 functions without a Node-API equivalent, looked up at run time. All supported releases export them under
// these names with only pointers and numbers as parameters, so V8's headers are not needed. A v8::Local is a
// pointer, like a napi_value.
struct V8Functions {
  // A v8::Location, returned in a register: line, and column in the upper half, from 0.
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

  // Whether all functions for interrupts, and for stacks, were found.
  bool has_interrupts = false;
  bool has_stacks = false;

  static const V8Functions& Get();

 private:
  V8Functions();
};

}  // namespace context

#endif  // CONTEXT_SRC_V8_FUNCTIONS_H_
