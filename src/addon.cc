#include "addon.h"

#include <array>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "addon_arguments.h"
#include "host.h"

namespace context {

namespace {

// An element of the result of `describe`.
struct Description {
  std::u16string name;
  Record frame;
  std::vector<std::int32_t> enclosing;  // serial numbers of enclosing contexts, innermost first
};

Napi::Object Layout(Napi::Env env) {
  constexpr std::array<std::pair<const char*, std::size_t>, 16> kLayout = {{
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
      {"labelChunkWords", LabelTable::kChunkWords},
      {"labelKeys", LabelTable::kKeys},
      {"clockWords", kClockWords},
  }};
  Napi::Object layout = Napi::Object::New(env);
  for (const auto& [name, value] : kLayout) {
    layout[name] = Napi::Number::New(env, static_cast<double>(value));
  }
  return layout;
}

}  // namespace

Core::Core(Napi::Env env, Napi::Object exports) {
  KeepLoaded();
  const Napi::Int32Array active_word = Napi::Int32Array::New(env, 1);
  const Napi::Int32Array clock = Napi::Int32Array::New(env, kClockWords);
  if (active_word.IsEmpty() || clock.IsEmpty()) {
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
                           InstanceMethod("labelPlaceOf", &Core::LabelPlaceOf),
                           InstanceMethod("moveLabelPages", &Core::MoveLabelPages),
                           InstanceMethod("nextMovedLabelPage", &Core::NextMovedLabelPage),
                           InstanceMethod("nameKey", &Core::NameKey),
                           InstanceMethod("labelsOf", &Core::LabelsOf),
                           InstanceMethod("activeRecord", &Core::ActiveRecord),
                           InstanceMethod("describe", &Core::Describe),
                           InstanceMethod("reclaim", &Core::Reclaim),
                           InstanceMethod("stats", &Core::Stats),
                           InstanceMethod("holdIdleTime", &Core::HoldIdleTime),
                           InstanceMethod("releaseIdleTime", &Core::ReleaseIdleTime),
                           InstanceMethod("shareClocks", &Core::ShareClocks),
                           InstanceMethod("readClocks", &Core::ReadClocks),
                           InstanceMethod("noteWaits", &Core::NoteWaits),
                           InstanceMethod("ignoreWaits", &Core::IgnoreWaits),
                           InstanceMethod("startWatchdog", &Core::StartWatchdog),
                           InstanceMethod("stopWatchdog", &Core::StopWatchdog),
                           InstanceMethod("currentBlock", &Core::CurrentBlock),
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
  // Everything is read before objects are created, since that may call setters of the application.
  std::vector<Description> descriptions;
  std::set<std::int32_t> slots;
  const bool is_unknown = info[0].As<Napi::Number>().DoubleValue() == kUnknownRecord;
  std::int32_t record = is_unknown ? 0 : RecordNumber(info[0]);
  // No list is longer than this. Old data in a record that was never written may form a cycle.
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
    // Depth must decrease, or the data forms a cycle.
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
  const bool has_memory = !word.IsEmpty() && word.ElementLength() == 1 && !clock.IsEmpty() &&
                          clock.ElementLength() == kClockWords;
  if (!info[0].IsObject() || watch_ != nullptr || !has_memory) {
    return ThrowTypeError(env, "startWatchdog(options): an object is expected, once at a time");
  }
  HoldIdleTime(info);
  watch_ = LoopWatch::Start(env, info[0].As<Napi::Object>(), tables_, word.Data(), clock.Data(), &watch_);
  if (watch_ == nullptr) {
    ReleaseIdleTime(info);
  }
  return Napi::Boolean::New(env, watch_ != nullptr);
}

Napi::Value Core::StopWatchdog(const Napi::CallbackInfo& info) {
  if (watch_ != nullptr) {
    watch_->Stop();
    ReleaseIdleTime(info);
  }
  Napi::Int32Array clock = clock_.Value();
  if (!clock.IsEmpty() && clock.ElementLength() == kClockWords) {
    clock.Data()[0] = 0;
    clock.Data()[1] = 0;
  }
  return info.Env().Undefined();
}

Napi::Value Core::CurrentBlock(const Napi::CallbackInfo& info) {
  return watch_ == nullptr ? info.Env().Undefined() : watch_->Current();
}

Napi::Value Core::HoldIdleTime(const Napi::CallbackInfo& info) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(info.Env(), &loop) == napi_ok) {
    idle_time_.Hold(loop);
  }
  return info.Env().Undefined();
}

Napi::Value Core::ReleaseIdleTime(const Napi::CallbackInfo& info) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(info.Env(), &loop) == napi_ok) {
    idle_time_.Release(loop);
  }
  return info.Env().Undefined();
}

Napi::Value Core::ShareClocks(const Napi::CallbackInfo& info) {
  if (!clocks_.Share(info.Env(), info[0])) {
    return ThrowTypeError(
        info.Env(), "shareClocks(memory): a Float64Array of 6 elements on a SharedArrayBuffer is expected");
  }
  return info.Env().Undefined();
}

Napi::Value Core::ReadClocks(const Napi::CallbackInfo& info) {
  clocks_.ReadAll();
  return info.Env().Undefined();
}

Napi::Value Core::NoteWaits(const Napi::CallbackInfo& info) {
  if (wait_noters_++ == 0) {
    wait_notes_ = WaitNotes::Start(info.Env(), &clocks_, &wait_notes_);
  }
  return info.Env().Undefined();
}

Napi::Value Core::IgnoreWaits(const Napi::CallbackInfo& info) {
  if (wait_noters_ > 0 && --wait_noters_ == 0 && wait_notes_ != nullptr) {
    wait_notes_->Stop();
  }
  return info.Env().Undefined();
}

// Registers the module, which is context-aware: each environment has its own Core.
NODE_API_ADDON(Core)

}  // namespace context
