#ifndef CONTEXT_SRC_V8_FUNCTIONS_H_
#define CONTEXT_SRC_V8_FUNCTIONS_H_

#include <cstdint>

namespace context {

// A method of V8 that returns an object of a class. On Windows it writes the object to an address that
// follows `this`; elsewhere it returns a small one in a register.
template <typename Result, typename... Arguments>
class V8Method {
 public:
  Result operator()(const void* object, Arguments... arguments) const {
#ifdef _WIN32
    Result result{};
    function_(object, &result, arguments...);
    return result;
#else
    return function_(object, arguments...);
#endif
  }

 private:
  friend struct V8Functions;

#ifdef _WIN32
  void (*function_)(const void* object, Result* result, Arguments... arguments) = nullptr;
#else
  Result (*function_)(const void* object, Arguments... arguments) = nullptr;
#endif
};

// V8 functions without a Node-API equivalent, looked up at run time. All supported releases export them under
// these names with only pointers and numbers as parameters, so V8's headers are not needed. A v8::Local is a
// pointer, like a napi_value.
struct V8Functions {
  // A v8::Location: line, and column in the upper half, from 0.
  using Location = std::uint64_t;

  using InterruptCallback = void (*)(void* isolate, void* data);

  void* (*get_current)() = nullptr;
  void (*request_interrupt)(void* isolate, InterruptCallback callback, void* data) = nullptr;
  int (*frame_count)(const void* trace) = nullptr;
  V8Method<void*, void*, std::uint32_t> frame;  // of a trace: the isolate, the index
  V8Method<void*> function_name;                // of a frame, as the others
  V8Method<void*> script_name;
  V8Method<Location> location;
  bool (*is_constructor)(const void* frame) = nullptr;

  void* CurrentStackTrace(void* isolate, int limit, int options) const;

  // Whether all functions for interrupts, and for stacks, were found.
  bool has_interrupts = false;
  bool has_stacks = false;

  static const V8Functions& Get();

 private:
  V8Functions();

#ifdef _WIN32
  void (*current_stack_trace_)(void** result, void* isolate, int limit, int options) = nullptr;
#else
  void* (*current_stack_trace_)(void* isolate, int limit, int options) = nullptr;
#endif
};

}  // namespace context

#endif  // CONTEXT_SRC_V8_FUNCTIONS_H_
