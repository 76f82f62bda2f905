#include "addon.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <utility>

namespace context {

namespace {

// An active frame, as `describe` tells it.
struct Description {
  std::u16string name;
  Record frame;
  std::vector<std::int32_t> enclosing;  // serial numbers of the contexts around it, innermost first
};

Napi::Value ThrowTypeError(Napi::Env env, const char* message) {
  Napi::TypeError::New(env, message).ThrowAsJavaScriptException();
  return env.Undefined();
}

Napi::Value ThrowNoRecord(Napi::Env env) {
  Napi::RangeError::New(env, "the core has no record of this number").ThrowAsJavaScriptException();
  return env.Undefined();
}

// The number of a record; -1, which no record has, for a number that is none.
std::int32_t RecordNumber(const Napi::Value& value) {
  const double number = value.As<Napi::Number>().DoubleValue();
  const bool is_valid =
      number >= 0 && number <= std::numeric_limits<std::int32_t>::max() && std::trunc(number) == number;
  return is_valid ? static_cast<std::int32_t>(number) : -1;
}

// Puts a value into a list of references at an index, which may be its end.
template <typename Reference>
void PutReference(std::vector<Reference>* references, std::size_t index, Reference reference) {
  if (references->size() <= index) {
    references->resize(index + 1);
  }
  (*references)[index] = std::move(reference);
}

// Makes a list of references shorter, and gives back what it took.
template <typename Reference>
void Shorten(std::vector<Reference>* references, std::size_t size) {
  if (references->size() > size) {
    references->resize(size);
    references->shrink_to_fit();
  }
}

// Frees the memory of an array at once: without this it would stay until the next collection.
void Detach(Napi::Env env, Napi::Int32Array memory) {
  // It fails if the array is there no longer, or the environment is on its way out: then it is free already,
  // or soon.
  if (!memory.IsEmpty()) {
    static_cast<void>(napi_detach_arraybuffer(env, memory.ArrayBuffer()));
  }
}

Napi::Object Layout(Napi::Env env) {
  constexpr std::array<std::pair<const char*, std::size_t>, 9> kLayout = {{
      {"slot", offsetof(Record, slot) / kWordBytes},
      {"enclosing", offsetof(Record, enclosing) / kWordBytes},
      {"depth", offsetof(Record, depth) / kWordBytes},
      {"serial", offsetof(Record, serial) / kWordBytes},
      {"frame", offsetof(Record, frame) / kWordBytes},
      {"next", offsetof(Record, next) / kWordBytes},
      {"words", kRecordWords},
      {"recordsPerPage", FrameTable::kRecordsPerPage},
      {"recordsPerChunk", FrameTable::kRecordsPerChunk},
  }};
  Napi::Object layout = Napi::Object::New(env);
  for (const auto& [name, value] : kLayout) {
    layout[name] = Napi::Number::New(env, static_cast<double>(value));
  }
  return layout;
}

}  // namespace

Core::Core(Napi::Env env, Napi::Object exports) {
  const Napi::Int32Array active_word = Napi::Int32Array::New(env, 1);
  if (active_word.IsEmpty()) {
    return;
  }
  active_word_ = Napi::Persistent(active_word);
  DefineAddon(exports, {
                           InstanceValue("layout", Layout(env), napi_default_jsproperty),
                           InstanceValue("activeWord", active_word),
                           InstanceMethod("createNamespace", &Core::CreateNamespace),
                           InstanceMethod("openPage", &Core::OpenPage),
                           InstanceMethod("memoryOf", &Core::MemoryOf),
                           InstanceMethod("activeRecord", &Core::ActiveRecord),
                           InstanceMethod("describe", &Core::Describe),
                           InstanceMethod("reclaim", &Core::Reclaim),
                           InstanceMethod("stats", &Core::Stats),
                       });
}

Napi::Value Core::CreateNamespace(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsString() || !info[1].IsObject()) {
    return ThrowTypeError(env,
                          "createNamespace(name, owner): name must be a string, and owner must be an object");
  }
  const std::int32_t slot = namespaces_->Create(info[0].As<Napi::String>().Utf16Value());
  auto release = [namespaces = namespaces_, slot] { namespaces->Release(slot); };
  info[1].As<Napi::Object>().AddFinalizer(
      [](Napi::Env /*env*/, decltype(release)* data) {
        const std::unique_ptr<decltype(release)> owned(data);
        (*owned)();
      },
      std::make_unique<decltype(release)>(std::move(release)).release());
  return Napi::Number::New(env, slot);
}

Napi::Value Core::OpenPage(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsObject()) {
    return ThrowTypeError(env, "openPage(owner): owner must be an object");
  }
  std::int32_t page = frames_.Open();
  if (page == 0) {
    const std::size_t reserve = ReclaimPages(env);
    while (frames_.free_count() < reserve) {
      Napi::Int32Array memory = Napi::Int32Array::New(env, FrameTable::kChunkBytes / kWordBytes);
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
  const std::int32_t record = RecordNumber(info[0]);
  if (frames_.Find(record) == nullptr) {
    return ThrowNoRecord(info.Env());
  }
  return chunk_memory_[FrameTable::ChunkOfRecord(record)].Value();
}

Napi::Value Core::ActiveRecord(const Napi::CallbackInfo& info) {
  const Napi::Int32Array word = active_word_.Value();
  const bool is_there = !word.IsEmpty() && word.ElementLength() == 1;
  return Napi::Number::New(info.Env(), is_there ? word.Data()[0] : 0);
}

Napi::Value Core::Describe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsNumber()) {
    return ThrowTypeError(env, "describe(record): record must be a number");
  }
  // All is read before anything is made of it: making an object may call setters of the application's.
  std::vector<Description> descriptions;
  std::set<std::int32_t> slots;
  std::int32_t record = RecordNumber(info[0]);
  // No list is longer than this. What is left in a record that was never written may lead in a circle.
  std::size_t left = frames_.open_count() * FrameTable::kRecordsPerPage;
  while (record != 0) {
    const Record* snapshot = left-- == 0 ? nullptr : Find(env, record);
    const Record* frame = snapshot == nullptr ? nullptr : Find(env, snapshot->frame);
    const std::u16string* name = frame == nullptr ? nullptr : namespaces_->NameOf(frame->slot);
    if (name == nullptr) {
      return ThrowNoRecord(env);
    }
    record = snapshot->next;
    if (!slots.insert(frame->slot).second) {
      continue;
    }
    Description description = {*name, *frame, {}};
    // Each is nearer to the outermost frame than the last one, or they lead in a circle.
    for (const Record* around = Find(env, frame->enclosing);
         around != nullptr && around->depth < frame->depth; around = Find(env, around->enclosing)) {
      description.enclosing.push_back(around->serial);
      frame = around;
    }
    descriptions.push_back(std::move(description));
  }
  Napi::Array result = Napi::Array::New(env);
  for (const Description& description : descriptions) {
    Napi::Array enclosing = Napi::Array::New(env);
    for (std::size_t n = 0; n < description.enclosing.size() && !env.IsExceptionPending(); ++n) {
      enclosing[static_cast<std::uint32_t>(n)] = Napi::Number::New(env, description.enclosing[n]);
    }
    if (env.IsExceptionPending()) {
      return env.Undefined();
    }
    Napi::Object described = Napi::Object::New(env);
    const auto attributes = napi_default_jsproperty;
    described.DefineProperties({
        Napi::PropertyDescriptor::Value("name", Napi::String::New(env, description.name), attributes),
        Napi::PropertyDescriptor::Value("slot", Napi::Number::New(env, description.frame.slot), attributes),
        Napi::PropertyDescriptor::Value("serial", Napi::Number::New(env, description.frame.serial),
                                        attributes),
        Napi::PropertyDescriptor::Value("depth", Napi::Number::New(env, description.frame.depth), attributes),
        Napi::PropertyDescriptor::Value("enclosing", enclosing, attributes),
    });
    result[result.Length()] = described;
  }
  return result;
}

Napi::Value Core::Reclaim(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  ReclaimPages(env);
  return Napi::Number::New(env, static_cast<double>(frames_.open_count()));
}

Napi::Value Core::Stats(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  ReclaimPages(env);
  Napi::Object result = Napi::Object::New(env);
  result["pages"] = Napi::Number::New(env, static_cast<double>(frames_.open_count()));
  result["bytes"] = Napi::Number::New(env, static_cast<double>(frames_.bytes()));
  return result;
}

std::size_t Core::ReclaimPages(Napi::Env env) {
  for (const std::int32_t page : frames_.OpenPages()) {
    Napi::ObjectReference& owner = page_owners_[static_cast<std::size_t>(page)];
    if (owner.Value().IsEmpty()) {
      owner.Reset();
      frames_.Close(page);
    }
  }
  // Half as many free pages as open ones: looking for closed pages then costs a constant time for each page
  // opened.
  const std::size_t reserve = std::max<std::size_t>(1, frames_.open_count() / 2);
  for (const std::size_t chunk : frames_.Trim(reserve)) {
    Detach(env, chunk_memory_[chunk].Value());
    chunk_memory_[chunk].Reset();
  }
  Shorten(&chunk_memory_, frames_.chunk_end());
  Shorten(&page_owners_, frames_.chunk_end() * FrameTable::kPagesPerChunk);
  return reserve;
}

const Record* Core::Find(Napi::Env env, std::int32_t record) const {
  const Record* found = frames_.Find(record);
  if (found == nullptr) {
    return nullptr;
  }
  const Napi::HandleScope scope(env);
  const Napi::Int32Array memory = chunk_memory_[FrameTable::ChunkOfRecord(record)].Value();
  return !memory.IsEmpty() && memory.ByteLength() == FrameTable::kChunkBytes ? found : nullptr;
}

// Registers the module. It is context-aware: each environment that loads it, on whichever thread, has its own
// Core.
NODE_API_ADDON(Core)

}  // namespace context
