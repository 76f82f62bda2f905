// Methods for label pages.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "addon.h"
#include "addon_arguments.h"
#include "addon_references.h"

namespace context {

Napi::Value Core::OpenLabelPage(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsObject()) {
    return ThrowTypeError(env, "openLabelPage(owner): owner must be an object");
  }
  const auto open = [this] {
    const std::lock_guard<std::mutex> guard(tables_->mutex);
    return tables_->labels.Open();
  };
  std::int32_t page = open();
  if (page == 0) {
    ReclaimLabelPages(env);
    const std::size_t reserve = tables_->labels.reserve();
    while (tables_->labels.free_count() < reserve) {
      Napi::Int32Array memory = Napi::Int32Array::New(env, LabelTable::kChunkWords);
      if (memory.IsEmpty()) {
        return env.Undefined();
      }
      std::unique_lock<std::mutex> lock(tables_->mutex);
      const std::size_t chunk = tables_->labels.AddChunk(memory.Data());
      lock.unlock();
      PutReference(&label_memory_, chunk, Napi::Persistent(memory));
    }
    page = open();
  }
  PutReference(&label_owners_, static_cast<std::size_t>(page), Napi::Weak(info[0].As<Napi::Object>()));
  return Napi::Number::New(env, page * static_cast<std::int32_t>(LabelTable::kPageWords));
}

std::int32_t Core::LabelPlace(const Napi::Value& number) const {
  return tables_->labels.PlaceOf(RecordNumber(number) / static_cast<std::int32_t>(LabelTable::kPageWords));
}

Napi::Value Core::LabelMemoryOf(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber()) {
    return ThrowTypeError(info.Env(), "labelMemoryOf(number): number must be a number");
  }
  const std::int32_t place = LabelPlace(info[0]);
  if (place < 0) {
    return ThrowNoRecord(info.Env());
  }
  return label_memory_[static_cast<std::size_t>(place) / LabelTable::kChunkWords].Value();
}

Napi::Value Core::LabelPlaceOf(const Napi::CallbackInfo& info) {
  if (!info[0].IsNumber()) {
    return ThrowTypeError(info.Env(), "labelPlaceOf(number): number must be a number");
  }
  const std::int32_t place = LabelPlace(info[0]);
  return place < 0 ? ThrowNoRecord(info.Env()) : Napi::Number::New(info.Env(), place);
}

Napi::Value Core::MoveLabelPages(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  CloseLabelPages();
  if (HasLabelMemory(env)) {
    const std::lock_guard<std::mutex> guard(tables_->mutex);
    const std::vector<std::int32_t> moved = tables_->labels.Compact();
    moved_label_pages_.insert(moved_label_pages_.end(), moved.begin(), moved.end());
  }
  return env.Undefined();
}

Napi::Value Core::NextMovedLabelPage(const Napi::CallbackInfo& info) {
  while (!moved_label_pages_.empty()) {
    const auto page = static_cast<std::size_t>(moved_label_pages_.back());
    moved_label_pages_.pop_back();
    const Napi::Object owner = label_owners_[page].IsEmpty() ? Napi::Object() : label_owners_[page].Value();
    if (!owner.IsEmpty()) {
      return owner;
    }
  }
  moved_label_pages_.shrink_to_fit();
  return info.Env().Undefined();
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

void Core::CloseLabelPages() {
  for (std::size_t page = 0; page < label_owners_.size(); ++page) {
    Napi::ObjectReference& owner = label_owners_[page];
    if (!owner.IsEmpty() && owner.Value().IsEmpty()) {
      owner.Reset();
      const std::lock_guard<std::mutex> guard(tables_->mutex);
      tables_->labels.Close(static_cast<std::int32_t>(page));
    }
  }
}

void Core::ReclaimLabelPages(Napi::Env env) {
  CloseLabelPages();
  std::unique_lock<std::mutex> lock(tables_->mutex);
  const std::vector<std::size_t> dropped = tables_->labels.Trim(tables_->labels.reserve());
  lock.unlock();
  for (const std::size_t chunk : dropped) {
    Detach(env, label_memory_[chunk].Value());
    label_memory_[chunk].Reset();
  }
  Shorten(&label_memory_, tables_->labels.chunk_end());
}

bool Core::HasLabelMemory(Napi::Env env) const {
  const Napi::HandleScope scope(env);
  return std::all_of(
      label_memory_.begin(), label_memory_.end(), [](const Napi::Reference<Napi::Int32Array>& reference) {
        return reference.IsEmpty() || reference.Value().ByteLength() == LabelTable::kChunkBytes;
      });
}

}  // namespace context
