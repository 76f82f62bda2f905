#include "core.h"

#include <algorithm>
#include <set>
#include <utility>

namespace context {

namespace {

constexpr std::size_t kFirstLevels = 128;

Napi::Value ThrowTypeError(Napi::Env env, const char* message) {
  Napi::TypeError::New(env, message).ThrowAsJavaScriptException();
  return env.Undefined();
}

Napi::Value ThrowNoRecord(Napi::Env env) {
  Napi::RangeError::New(env, "the core has no record of this number").ThrowAsJavaScriptException();
  return env.Undefined();
}

// Puts a value into a list of references at an index, which may be its end.
template <typename Reference>
void PutReference(std::vector<Reference>* references, std::size_t index, Reference reference) {
  if (references->size() <= index) {
    references->resize(index + 1);
  }
  (*references)[index] = std::move(reference);
}

}  // namespace

Core::Core(Napi::Env /*env*/, Napi::Object exports) {
  DefineAddon(exports, {
                           InstanceMethod("createNamespace", &Core::CreateNamespace),
                           InstanceMethod("openPage", &Core::OpenPage),
                           InstanceMethod("memoryOf", &Core::MemoryOf),
                           InstanceMethod("growStack", &Core::GrowStack),
                           InstanceMethod("activeRecord", &Core::ActiveRecord),
                           InstanceMethod("describe", &Core::Describe),
                           InstanceMethod("stats", &Core::Stats),
                       });
}

Napi::Value Core::CreateNamespace(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsString()) {
    return ThrowTypeError(env, "createNamespace(name): name must be a string");
  }
  Napi::Float64Array counters = Napi::Float64Array::New(env, sizeof(Counters) / sizeof(double));
  if (counters.IsEmpty()) {
    return env.Undefined();
  }
  const auto* memory = reinterpret_cast<const Counters*>(counters.Data());
  const std::int32_t slot = namespaces_->Create(info[0].As<Napi::String>().Utf16Value(), memory);
  auto release = [namespaces = namespaces_, slot] { namespaces->Release(slot); };
  counters.AddFinalizer(
      [](Napi::Env /*env*/, decltype(release)* data) {
        const std::unique_ptr<decltype(release)> owned(data);
        (*owned)();
      },
      std::make_unique<decltype(release)>(std::move(release)).release());
  Napi::Object result = Napi::Object::New(env);
  result["slot"] = Napi::Number::New(env, slot);
  result["counters"] = counters;
  return result;
}

Napi::Value Core::OpenPage(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsObject()) {
    return ThrowTypeError(env, "openPage(owner): owner must be an object");
  }
  std::int32_t page = frames_.Open();
  if (page == 0) {
    ClosePages();
    // Half as many free pages as open ones: looking for closed pages then costs a constant time for each page
    // opened.
    const std::size_t reserve = std::max<std::size_t>(1, frames_.open_count() / 2);
    for (const std::size_t chunk : frames_.Trim(reserve)) {
      chunk_memory_[chunk].Reset();
    }
    while (frames_.free_count() < reserve) {
      Napi::Int32Array memory = Napi::Int32Array::New(env, FrameTable::kChunkBytes / sizeof(std::int32_t));
      if (memory.IsEmpty()) {
        return env.Undefined();
      }
      PutReference(&chunk_memory_, frames_.AddChunk(memory.Data()), Napi::Persistent(memory));
    }
    page = frames_.Open();
  }
  PutReference(&page_owners_, static_cast<std::size_t>(page), Napi::Weak(info[0].As<Napi::Object>()));
  return Napi::Number::New(env, page * static_cast<std::int32_t>(FrameTable::kRecordsPerPage));
}

Napi::Value Core::MemoryOf(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber()) {
    return ThrowTypeError(info.Env(), "memoryOf(record): record must be a number");
  }
  const std::int32_t record = info[0].As<Napi::Number>().Int32Value();
  if (frames_.Find(record) == nullptr) {
    return ThrowNoRecord(info.Env());
  }
  return chunk_memory_[static_cast<std::size_t>(record) / FrameTable::kRecordsPerChunk].Value();
}

Napi::Value Core::GrowStack(const Napi::CallbackInfo& info) {
  const std::size_t levels = stack_.levels() == 0 ? kFirstLevels : 2 * stack_.levels();
  Napi::Float64Array memory = Napi::Float64Array::New(info.Env(), ExecutionStack::Length(levels));
  if (memory.IsEmpty()) {
    return info.Env().Undefined();
  }
  stack_.Move(memory.Data(), levels);
  stack_memory_ = Napi::Persistent(memory);
  return memory;
}

Napi::Value Core::ActiveRecord(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), stack_.active());
}

Napi::Value Core::Describe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsNumber()) {
    return ThrowTypeError(env, "describe(record): record must be a number");
  }
  Napi::Array frames = Napi::Array::New(env);
  std::set<std::int32_t> slots;
  std::int32_t record = info[0].As<Napi::Number>().Int32Value();
  // No list is longer than this. What is left in a record that was never written may lead in a circle.
  std::size_t left = frames_.open_count() * FrameTable::kRecordsPerPage;
  while (record != 0) {
    const Record* snapshot = left-- == 0 ? nullptr : frames_.Find(record);
    const Record* frame = snapshot == nullptr ? nullptr : frames_.Find(snapshot->frame);
    const NamespaceTable::Entry* entry = frame == nullptr ? nullptr : namespaces_->Find(frame->slot);
    if (entry == nullptr) {
      return ThrowNoRecord(env);
    }
    record = snapshot->next;
    if (!slots.insert(frame->slot).second) {
      continue;
    }
    Napi::Object described = Napi::Object::New(env);
    described["name"] = Napi::String::New(env, entry->name);
    described["slot"] = Napi::Number::New(env, frame->slot);
    described["serial"] = Napi::Number::New(env, frame->serial);
    described["depth"] = Napi::Number::New(env, frame->depth);
    Napi::Array enclosing = Napi::Array::New(env);
    for (const Record* around = frames_.Find(frame->enclosing);
         around != nullptr && around->depth < frame->depth; around = frames_.Find(around->enclosing)) {
      enclosing[enclosing.Length()] = Napi::Number::New(env, around->serial);
      frame = around;
    }
    described["enclosing"] = enclosing;
    frames[frames.Length()] = described;
  }
  return frames;
}

Napi::Value Core::Stats(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  ClosePages();
  Napi::Object result = Napi::Object::New(env);
  result["pages"] = Napi::Number::New(env, static_cast<double>(frames_.open_count()));
  result["bytes"] =
      Napi::Number::New(env, static_cast<double>(frames_.open_count() * FrameTable::kPageBytes));
  return result;
}

void Core::ClosePages() {
  for (const std::int32_t page : frames_.OpenPages()) {
    Napi::ObjectReference& owner = page_owners_[static_cast<std::size_t>(page)];
    if (owner.Value().IsEmpty()) {
      owner.Reset();
      frames_.Close(page);
    }
  }
}

}  // namespace context
