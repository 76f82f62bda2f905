#include "addon_stack.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "v8_functions.h"

namespace context {

namespace {

// The maximum number of calls, from the innermost outwards, and of bytes.
constexpr int kLimit = 50;
constexpr std::size_t kLongest = 10'000;

// v8::StackTrace::kDetailed and kExposeFramesAcrossSecurityOrigins; V8 only uses the latter.
constexpr int kOptions = 0x17f;

bool BeginsWith(std::string_view text, std::string_view beginning) {
  return text.substr(0, beginning.size()) == beginning;
}

}  // namespace

bool StackReader::CanRead() { return V8Functions::Get().has_stacks; }

bool StackReader::Read(JsonLine* line) {
  const V8Functions& v8 = V8Functions::Get();
  const Napi::HandleScope scope(env_);
  void* const isolate = v8.get_current();
  const void* const trace = v8.CurrentStackTrace(isolate, kLimit, kOptions);
  const int count = trace == nullptr ? 0 : v8.frame_count(trace);
  const std::size_t begin = line->size();
  bool is_of_application = false;
  line->Raw("[");
  for (int n = 0; n < count; ++n) {
    const Napi::HandleScope each(env_);
    const std::size_t before = line->size();
    line->Raw(n == 0 ? "" : ",");
    const void* const frame = v8.frame(trace, isolate, static_cast<std::uint32_t>(n));
    const bool is_its = frame != nullptr && ReadCall(frame, line);
    if (frame == nullptr || line->is_full() || line->size() - begin > kLongest) {
      line->GoBack(before);
      break;
    }
    is_of_application = is_of_application || is_its;
  }
  line->Close("]");
  return is_of_application;
}

bool StackReader::ReadCall(const void* frame, JsonLine* line) {
  const V8Functions& v8 = V8Functions::Get();
  std::array<char, 1024> name_text{};
  std::array<char, 1024> file_text{};
  const std::string_view name = TextOf(v8.function_name(frame), &name_text);
  const std::string_view script = TextOf(v8.script_name(frame), &file_text);
  const std::string_view file = script.empty() ? "<anonymous>" : script;
  const V8Functions::Location location = v8.location(frame);
  const std::string place = std::to_string(static_cast<std::int32_t>(location) + 1) + ":" +
                            std::to_string(static_cast<std::int32_t>(location >> 32U) + 1);
  std::string text;
  if (name.empty()) {
    text.append(file).append(":").append(place);
  } else {
    text.append(v8.is_constructor(frame) ? "new " : "").append(name);
    text.append(" (").append(file).append(":").append(place).append(")");
  }
  line->String(text);
  return !BeginsWith(file, "node:") && (library_.empty() || !BeginsWith(file, library_));
}

std::string_view StackReader::TextOf(void* string, std::array<char, 1024>* text) const {
  std::size_t size = 0;
  auto* const value = static_cast<napi_value>(string);
  if (value == nullptr ||
      napi_get_value_string_utf8(env_, value, text->data(), text->size(), &size) != napi_ok) {
    return {};
  }
  return {text->data(), size};
}

}  // namespace context
