#include "addon.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <mutex>
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
  constexpr std::array<std::pair<const char*, std::size_t>, 14> kLayout = {{
      {"slot", offsetof(Record, slot) / kWordBytes},
      {"enclosing", offsetof(Record, enclosing) / kWordBytes},
      {"depth", offsetof(Record, depth) / kWordBytes},
      {"serial", offsetof(Record, serial) / kWordBytes},
      {"frame", offsetof(Record, frame) / kWordBytes},
      {"next", offsetof(Record, next) / kWordBytes},
      {"labels", offsetof(Record, labels) / kWordBytes},
      {"words", kRecordWords},
      {"recordsPerPage", FrameTable::kRecordsPerPage},
      {"recordsPerChunk", FrameTable::kRecordsPerChunk},
      {"entryWords", kEntryWords},
      {"labelWords", kLabelWords},
      {"labelPageWords", LabelTable::kPageWords},
      {"labelKeys", LabelTable::kKeys},
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
  const Napi::Int32Array clock = Napi::Int32Array::New(env, 1);
  if (active_word.IsEmpty() || clock.IsEmpty()) {
    return;
  }
  napi_value read_time = nullptr;
  if (napi_create_function(env, "readTime", NAPI_AUTO_LENGTH, UsageClocks::ReadTime, &clocks_, &read_time) !=
      napi_ok) {
    return;
  }
  active_word_ = Napi::Persistent(active_word);
  clock_ = Napi::Persistent(clock);
  DefineAddon(exports, {
                           InstanceValue("layout", Layout(env), napi_default_jsproperty),
                           InstanceValue("activeWord", active_word),
                           InstanceValue("clock", clock),
                           InstanceMethod("createNamespace", &Core::CreateNamespace),
                           InstanceMethod("openPage", &Core::OpenPage),
                           InstanceMethod("memoryOf", &Core::MemoryOf),
                           InstanceMethod("openLabelPage", &Core::OpenLabelPage),
                           InstanceMethod("labelMemoryOf", &Core::LabelMemoryOf),
                           InstanceMethod("nameKey", &Core::NameKey),
                           InstanceMethod("labelsOf", &Core::LabelsOf),
                           InstanceMethod("activeRecord", &Core::ActiveRecord),
                           InstanceMethod("describe", &Core::Describe),
                           InstanceMethod("reclaim", &Core::Reclaim),
                           InstanceMethod("stats", &Core::Stats),
                           InstanceValue("readTime", Napi::Value(env, read_time)),
                           InstanceMethod("shareClocks", &Core::ShareClocks),
                           InstanceMethod("readClocks", &Core::ReadClocks),
                           InstanceMethod("startWatchdog", &Core::StartWatchdog),
                           InstanceMethod("stopWatchdog", &Core::StopWatchdog),
                       });
}

Napi::Value Core::CreateNamespace(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsString() || !info[1].IsObject()) {
    return ThrowTypeError(env,
                          "createNamespace(name, owner): name must be a string, and owner must be an object");
  }
  std::u16string name = info[0].As<Napi::String>().Utf16Value();
  std::unique_lock<std::mutex> lock(tables_->mutex);
  const std::int32_t slot = tables_->namespaces.Create(std::move(name));
  lock.unlock();
  auto release = [tables = tables_, slot] {
    const std::lock_guard<std::mutex> guard(tables->mutex);
    tables->namespaces.Release(slot);
  };
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
  const auto open = [this] {
    const std::lock_guard<std::mutex> guard(tables_->mutex);
    return tables_->frames.Open();
  };
  std::int32_t page = open();
  if (page == 0) {
    const std::size_t reserve = ReclaimPages(env);
    while (tables_->frames.free_count() < reserve) {
      Napi::Int32Array memory = Napi::Int32Array::New(env, FrameTable::kChunkBytes / kWordBytes);
      if (memory.IsEmpty()) {
        return env.Undefined();
      }
      std::unique_lock<std::mutex> lock(tables_->mutex);
      const std::size_t chunk = tables_->frames.AddChunk(memory.Data());
      lock.unlock();
      PutReference(&chunk_memory_, chunk, Napi::Persistent(memory));
    }
    page = open();
  }
  PutReference(&page_owners_, static_cast<std::size_t>(page), Napi::Weak(info[0].As<Napi::Object>()));
  return Napi::Number::New(env, page * static_cast<std::int32_t>(FrameTable::kRecordsPerPage));
}

Napi::Value Core::MemoryOf(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber()) {
    return ThrowTypeError(info.Env(), "memoryOf(record): record must be a number");
  }
  const std::int32_t record = RecordNumber(info[0]);
  if (tables_->frames.Find(record) == nullptr) {
    return ThrowNoRecord(info.Env());
  }
  return chunk_memory_[FrameTable::ChunkOfRecord(record)].Value();
}

Napi::Value Core::OpenLabelPage(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsObject()) {
    return ThrowTypeError(env, "openLabelPage(owner): owner must be an object");
  }
  Napi::Int32Array memory = Napi::Int32Array::New(env, LabelTable::kPageWords);
  if (memory.IsEmpty()) {
    return env.Undefined();
  }
  std::unique_lock<std::mutex> lock(tables_->mutex);
  const std::int32_t page = tables_->labels.Open(memory.Data());
  lock.unlock();
  const auto index = static_cast<std::size_t>(page);
  PutReference(&label_memory_, index, Napi::Persistent(memory));
  PutReference(&label_owners_, index, Napi::Weak(info[0].As<Napi::Object>()));
  return Napi::Number::New(env, page * static_cast<std::int32_t>(LabelTable::kPageWords));
}

Napi::Value Core::LabelMemoryOf(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber()) {
    return ThrowTypeError(info.Env(), "labelMemoryOf(number): number must be a number");
  }
  const auto page = static_cast<std::size_t>(std::max(0, RecordNumber(info[0]))) / LabelTable::kPageWords;
  if (page >= label_memory_.size() || label_memory_[page].IsEmpty()) {
    return ThrowNoRecord(info.Env());
  }
  return label_memory_[page].Value();
}

Napi::Value Core::NameKey(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsNumber() || !info[1].IsNumber() || !info[2].IsString()) {
    return ThrowTypeError(env, "nameKey(slot, index, key): a number, a number and a string are expected");
  }
  const std::int32_t slot = RecordNumber(info[0]);
  const std::int32_t index = RecordNumber(info[1]);
  std::string key = info[2].As<Napi::String>().Utf8Value();
  const std::lock_guard<std::mutex> guard(tables_->mutex);
  if (index < 0 || static_cast<std::size_t>(index) >= LabelTable::kKeys ||
      !tables_->namespaces.NameKey(slot, static_cast<std::size_t>(index), std::move(key))) {
    return ThrowNoRecord(env);
  }
  return env.Undefined();
}

Napi::Value Core::LabelsOf(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Record* snapshot = info[0].IsNumber() ? Find(env, RecordNumber(info[0])) : nullptr;
  const Record* frame = snapshot == nullptr ? nullptr : Find(env, snapshot->frame);
  if (frame == nullptr || !HasLabelMemory(env)) {
    return ThrowNoRecord(env);
  }
  std::array<Label, LabelTable::kKeys> labels;
  const std::size_t count = tables_->labels.Read(frame->labels, &labels);
  const std::int32_t slot = frame->slot;
  Napi::Object result = Napi::Object::New(env);
  for (std::size_t n = 0; n < count && !env.IsExceptionPending(); ++n) {
    const Label& label = labels[n];
    const std::string* key = tables_->namespaces.KeyOf(slot, static_cast<std::size_t>(label.key));
    if (key != nullptr) {
      const Napi::String text = Napi::String::New(env, label.text.data(), label.length);
      result.DefineProperty(Napi::PropertyDescriptor::Value(*key, text, napi_default_jsproperty));
    }
  }
  return result;
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
  std::size_t left = tables_->frames.open_count() * FrameTable::kRecordsPerPage;
  while (record != 0) {
    const Record* snapshot = left-- == 0 ? nullptr : Find(env, record);
    const Record* frame = snapshot == nullptr ? nullptr : Find(env, snapshot->frame);
    const std::u16string* name = frame == nullptr ? nullptr : tables_->namespaces.NameOf(frame->slot);
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
  const std::size_t pages = tables_->frames.open_count() + tables_->labels.open_count();
  return Napi::Number::New(env, static_cast<double>(pages));
}

Napi::Value Core::Stats(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  ReclaimPages(env);
  Napi::Object result = Napi::Object::New(env);
  result["pages"] = Napi::Number::New(env, static_cast<double>(tables_->frames.open_count()));
  result["bytes"] =
      Napi::Number::New(env, static_cast<double>(tables_->frames.bytes() + tables_->labels.bytes()));
  return result;
}

Napi::Value Core::StartWatchdog(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Int32Array word = active_word_.Value();
  Napi::Int32Array clock = clock_.Value();
  const bool has_memory =
      !word.IsEmpty() && word.ElementLength() == 1 && !clock.IsEmpty() && clock.ElementLength() == 1;
  if (!info[0].IsObject() || watch_ != nullptr || !has_memory) {
    return ThrowTypeError(env, "startWatchdog(options): an object is expected, once at a time");
  }
  watch_ = LoopWatch::Start(env, info[0].As<Napi::Object>(), tables_, word.Data(), clock.Data(), &watch_);
  return Napi::Boolean::New(env, watch_ != nullptr);
}

Napi::Value Core::StopWatchdog(const Napi::CallbackInfo& info) {
  if (watch_ != nullptr) {
    watch_->Stop();
  }
  Napi::Int32Array clock = clock_.Value();
  if (!clock.IsEmpty() && clock.ElementLength() == 1) {
    clock.Data()[0] = 0;
  }
  return info.Env().Undefined();
}

Napi::Value Core::ShareClocks(const Napi::CallbackInfo& info) {
  if (!clocks_.Share(info.Env(), info[0])) {
    return ThrowTypeError(
        info.Env(), "shareClocks(memory): a Float64Array of 3 elements on a SharedArrayBuffer is expected");
  }
  return info.Env().Undefined();
}

Napi::Value Core::ReadClocks(const Napi::CallbackInfo& info) {
  clocks_.ReadAll();
  return info.Env().Undefined();
}

std::size_t Core::ReclaimPages(Napi::Env env) {
  ReclaimLabelPages(env);
  FrameTable& frames = tables_->frames;
  std::unique_lock<std::mutex> lock(tables_->mutex, std::defer_lock);
  for (const std::int32_t page : frames.OpenPages()) {
    Napi::ObjectReference& owner = page_owners_[static_cast<std::size_t>(page)];
    if (owner.Value().IsEmpty()) {
      owner.Reset();
      lock.lock();
      frames.Close(page);
      lock.unlock();
    }
  }
  // Half as many free pages as open ones: looking for closed pages then costs a constant time for each page
  // opened.
  const std::size_t reserve = std::max<std::size_t>(1, frames.open_count() / 2);
  lock.lock();
  const std::vector<std::size_t> dropped = frames.Trim(reserve);
  lock.unlock();
  for (const std::size_t chunk : dropped) {
    Detach(env, chunk_memory_[chunk].Value());
    chunk_memory_[chunk].Reset();
  }
  Shorten(&chunk_memory_, frames.chunk_end());
  Shorten(&page_owners_, frames.chunk_end() * FrameTable::kPagesPerChunk);
  return reserve;
}

void Core::ReclaimLabelPages(Napi::Env env) {
  for (std::size_t page = 0; page < label_owners_.size(); ++page) {
    Napi::ObjectReference& owner = label_owners_[page];
    if (owner.IsEmpty() || !owner.Value().IsEmpty()) {
      continue;
    }
    owner.Reset();
    std::unique_lock<std::mutex> lock(tables_->mutex);
    tables_->labels.Close(static_cast<std::int32_t>(page));
    lock.unlock();
    Detach(env, label_memory_[page].Value());
    label_memory_[page].Reset();
  }
}

bool Core::HasLabelMemory(Napi::Env env) const {
  const Napi::HandleScope scope(env);
  return std::all_of(label_memory_.begin(), label_memory_.end(),
                     [](const Napi::Reference<Napi::Int32Array>& reference) {
                       return reference.IsEmpty() || reference.Value().ByteLength() == LabelTable::kPageBytes;
                     });
}

const Record* Core::Find(Napi::Env env, std::int32_t record) const {
  const Record* found = tables_->frames.Find(record);
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
