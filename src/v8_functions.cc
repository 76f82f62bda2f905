#include "v8_functions.h"

#ifndef _WIN32
#include <dlfcn.h>
#endif

namespace context {

namespace {

#ifndef _WIN32
template <typename Function>
bool Find(const char* name, Function* function) {
  *function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
  return *function != nullptr;
}
#endif

}  // namespace

V8Functions::V8Functions() {
#ifndef _WIN32
  has_interrupts = Find("_ZN2v87Isolate10GetCurrentEv", &get_current) &&
                   Find("_ZN2v87Isolate16RequestInterruptEPFvPS0_PvES2_", &request_interrupt);
  has_stacks = Find("_ZN2v810StackTrace17CurrentStackTraceEPNS_7IsolateEiNS0_17StackTraceOptionsE",
                    &current_stack_trace) &&
               Find("_ZNK2v810StackTrace13GetFrameCountEv", &frame_count) &&
               Find("_ZNK2v810StackTrace8GetFrameEPNS_7IsolateEj", &frame) &&
               Find("_ZNK2v810StackFrame15GetFunctionNameEv", &function_name) &&
               Find("_ZNK2v810StackFrame24GetScriptNameOrSourceURLEv", &script_name) &&
               Find("_ZNK2v810StackFrame11GetLocationEv", &location) &&
               Find("_ZNK2v810StackFrame13IsConstructorEv", &is_constructor);
#endif
}

const V8Functions& V8Functions::Get() {
  static const V8Functions functions;
  return functions;
}

}  // namespace context
