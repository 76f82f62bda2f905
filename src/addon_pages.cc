// Methods for record pages.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "addon.h"
#include "addon_arguments.h"
#include "addon_references.h"

namespace context {

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

Napi::Value Core::Reclaim(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  ReclaimPages(env);
  const std::size_t pages = tables_->frames.open_count() + tables_->labels.open_count();
  return Napi::Number::New(env, static_cast<double>(pages));
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
  // Half as many free pages as open ones, so that the cost of searching for closed pages is constant per
  // opened page.
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

const Record* Core::Find(Napi::Env env, std::int32_t record) const {
  const Record* found = tables_->frames.Find(record);
  if (found == nullptr) {
    return nullptr;
  }
  const Napi::HandleScope scope(env);
  const Napi::Int32Array memory = chunk_memory_[FrameTable::ChunkOfRecord(record)].Value();
  return !memory.IsEmpty() && memory.ByteLength() == FrameTable::kChunkBytes ? found : nullptr;
}

}  // namespace context
