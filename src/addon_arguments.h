#ifndef CONTEXT_SRC_ADDON_ARGUMENTS_H_
#define CONTEXT_SRC_ADDON_ARGUMENTS_H_

#include <napi.h>

#include <cmath>
#include <cstdint>
#include <limits>

// Argument checks of the addon's methods. Functions that throw return `undefined`, for the method to return.
namespace context {

inline Napi::Value ThrowTypeError(Napi::Env env, const char* message) {
  Napi::TypeError::New(env, message).ThrowAsJavaScriptException();
  return env.Undefined();
}

// Throws a RangeError for a number without a record.
inline Napi::Value ThrowNoRecord(Napi::Env env) {
  Napi::RangeError::New(env, "the core has no record of this number").ThrowAsJavaScriptException();
  return env.Undefined();
}

// Converts a record's number; invalid numbers become -1, which no record has.
inline std::int32_t RecordNumber(const Napi::Value& value) {
  const double number = value.As<Napi::Number>().DoubleValue();
  const bool is_valid =
      number >= 0 && number <= std::numeric_limits<std::int32_t>::max() && std::trunc(number) == number;
  return is_valid ? static_cast<std::int32_t>(number) : -1;
}

}  // namespace context

#endif  // CONTEXT_SRC_ADDON_ARGUMENTS_H_
