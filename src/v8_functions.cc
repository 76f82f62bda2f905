#include "v8_functions.h"

#include "host.h"

namespace context {

namespace {

// Looks up a function by its name in the C++ ABI of Windows and of other systems.
template <typename Function>
bool Find(Function* function, [[maybe_unused]] const char* windows, [[maybe_unused]] const char* others) {
#ifdef _WIN32
  void* const found = HostSymbol(windows);
#else
  void* const found = HostSymbol(others);
#endif
  *function = reinterpret_cast<Function>(found);
  return found != nullptr;
}

}  // namespace

V8Functions::V8Functions() {
  has_interrupts =
      Find(&get_current, "?GetCurrent@Isolate@v8@@SAPEAV12@XZ", "_ZN2v87Isolate10GetCurrentEv") &&
      Find(&request_interrupt, "?RequestInterrupt@Isolate@v8@@QEAAXP6AXPEAV12@PEAX@Z1@Z",
           "_ZN2v87Isolate16RequestInterruptEPFvPS0_PvES2_");
  has_stacks =
      Find(&current_stack_trace_,
           "?CurrentStackTrace@StackTrace@v8@@SA?AV?$Local@VStackTrace@v8@@@2@PEAVIsolate@2@"
           "HW4StackTraceOptions@12@@Z",
           "_ZN2v810StackTrace17CurrentStackTraceEPNS_7IsolateEiNS0_17StackTraceOptionsE") &&
      Find(&frame_count, "?GetFrameCount@StackTrace@v8@@QEBAHXZ", "_ZNK2v810StackTrace13GetFrameCountEv") &&
      Find(&frame.function_, "?GetFrame@StackTrace@v8@@QEBA?AV?$Local@VStackFrame@v8@@@2@PEAVIsolate@2@I@Z",
           "_ZNK2v810StackTrace8GetFrameEPNS_7IsolateEj") &&
      Find(&function_name.function_, "?GetFunctionName@StackFrame@v8@@QEBA?AV?$Local@VString@v8@@@2@XZ",
           "_ZNK2v810StackFrame15GetFunctionNameEv") &&
      Find(&script_name.function_,
           "?GetScriptNameOrSourceURL@StackFrame@v8@@QEBA?AV?$Local@VString@v8@@@2@XZ",
           "_ZNK2v810StackFrame24GetScriptNameOrSourceURLEv") &&
      Find(&location.function_, "?GetLocation@StackFrame@v8@@QEBA?AVLocation@2@XZ",
           "_ZNK2v810StackFrame11GetLocationEv") &&
      Find(&is_constructor, "?IsConstructor@StackFrame@v8@@QEBA_NXZ", "_ZNK2v810StackFrame13IsConstructorEv");
}

void* V8Functions::CurrentStackTrace(void* isolate, int limit, int options) const {
#ifdef _WIN32
  void* trace = nullptr;
  current_stack_trace_(&trace, isolate, limit, options);
  return trace;
#else
  return current_stack_trace_(isolate, limit, options);
#endif
}

const V8Functions& V8Functions::Get() {
  static const V8Functions functions;
  return functions;
}

}  // namespace context
