#include "frame_table.h"

#include <algorithm>

namespace context {

namespace {

std::uint32_t BitOf(std::int32_t page) {
  return 1U << (static_cast<std::uint32_t>(page) % FrameTable::kPagesPerChunk);
}

}  // namespace

std::int32_t FrameTable::Open() {
  if (free_.empty()) {
    return 0;
  }
  const std::int32_t page = free_.back();
  free_.pop_back();
  Chunk& chunk = chunks_[ChunkOfPage(page)];
  chunk.open |= BitOf(page);
  ++open_count_;
  return page;
}

void FrameTable::Close(std::int32_t page) {
  chunks_[ChunkOfPage(page)].open &= ~BitOf(page);
  --open_count_;
  free_.push_back(page);
}

std::size_t FrameTable::AddChunk(void* memory) {
  const auto dropped = std::find_if(chunks_.begin(), chunks_.end(),
                                    [](const Chunk& chunk) { return chunk.records == nullptr; });
  const auto number = static_cast<std::size_t>(dropped - chunks_.begin());
  if (dropped == chunks_.end()) {
    chunks_.emplace_back();
  }
  chunks_[number].records = static_cast<Record*>(memory);
  ++chunk_count_;
  PushFreePages(number);
  return number;
}

std::vector<std::size_t> FrameTable::Trim(std::size_t reserve) {
  std::vector<std::size_t> dropped;
  std::size_t left = free_.size();
  for (std::size_t number = chunks_.size(); number-- > 0;) {
    Chunk& chunk = chunks_[number];
    if (chunk.records != nullptr && chunk.open == 0 && left >= reserve + kPagesPerChunk) {
      chunk.records = nullptr;
      left -= kPagesPerChunk;
      dropped.push_back(number);
    }
  }
  chunk_count_ -= dropped.size();
  while (!chunks_.empty() && chunks_.back().records == nullptr) {
    chunks_.pop_back();
  }
  free_.clear();
  for (std::size_t number = chunks_.size(); number-- > 0;) {
    if (chunks_[number].records != nullptr) {
      PushFreePages(number);
    }
  }
  if (!dropped.empty()) {
    chunks_.shrink_to_fit();
    free_.shrink_to_fit();
  }
  return dropped;
}

void FrameTable::PushFreePages(std::size_t chunk) {
  // Pages with the lowest numbers are opened first. Page 0 is never opened, so that record 0 can mean none.
  for (std::size_t n = kPagesPerChunk; n-- > 0;) {
    const auto page = static_cast<std::int32_t>(chunk * kPagesPerChunk + n);
    if (page != 0 && !IsOpen(page)) {
      free_.push_back(page);
    }
  }
}

const Record* FrameTable::Find(std::int32_t record) const {
  if (record <= 0 || !IsOpen(record / static_cast<std::int32_t>(kRecordsPerPage))) {
    return nullptr;
  }
  const auto number = static_cast<std::size_t>(record);
  return chunks_[ChunkOfRecord(record)].records + number % kRecordsPerChunk;
}

std::vector<std::int32_t> FrameTable::OpenPages() const {
  std::vector<std::int32_t> pages;
  for (std::size_t page = 0; page < chunks_.size() * kPagesPerChunk; ++page) {
    if (IsOpen(static_cast<std::int32_t>(page))) {
      pages.push_back(static_cast<std::int32_t>(page));
    }
  }
  return pages;
}

bool FrameTable::IsOpen(std::int32_t page) const {
  const std::size_t chunk = ChunkOfPage(page);
  return chunk < chunks_.size() && (chunks_[chunk].open & BitOf(page)) != 0;
}

}  // namespace context
