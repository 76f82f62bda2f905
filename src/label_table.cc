#include "label_table.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "shared_word.h"

namespace context {

namespace {

// JavaScript writes a label within nanoseconds, unless its thread is suspended meanwhile.
constexpr int kTries = 100;

// The words of a LabelHeader.
constexpr std::size_t kNext = offsetof(LabelHeader, next) / sizeof(std::int32_t);
constexpr std::size_t kKey = offsetof(LabelHeader, key) / sizeof(std::int32_t);
constexpr std::size_t kVersion = offsetof(LabelHeader, version) / sizeof(std::int32_t);
constexpr std::size_t kLength = offsetof(LabelHeader, length) / sizeof(std::int32_t);

}  // namespace

std::int32_t LabelTable::Open() {
  if (free_count() == 0) {
    return 0;
  }
  if (places_.empty()) {
    places_.push_back(-1);  // there is no page 0, so that number 0 can mean none
  }
  if (free_.empty()) {
    free_.push_back(static_cast<std::int32_t>(places_.size()));
    places_.push_back(-1);
  }
  const std::int32_t page = free_.back();
  free_.pop_back();
  Put(page);
  ++open_count_;
  return page;
}

void LabelTable::Close(std::int32_t page) {
  Remove(page);
  free_.push_back(page);
  --open_count_;
}

void LabelTable::Put(std::int32_t page) {
  while (chunks_[first_free_].words == nullptr || chunks_[first_free_].open == kPagesPerChunk) {
    ++first_free_;
  }
  Chunk& chunk = chunks_[first_free_];
  auto* const place = std::find(chunk.pages.begin(), chunk.pages.end(), 0);
  *place = page;
  ++chunk.open;
  places_[static_cast<std::size_t>(page)] = static_cast<std::int32_t>(first_free_ * kPagesPerChunk) +
                                            static_cast<std::int32_t>(place - chunk.pages.begin());
}

void LabelTable::Remove(std::int32_t page) {
  std::int32_t& place = places_[static_cast<std::size_t>(page)];
  const std::size_t number = static_cast<std::size_t>(place) / kPagesPerChunk;
  Chunk& chunk = chunks_[number];
  chunk.pages[static_cast<std::size_t>(place) % kPagesPerChunk] = 0;
  --chunk.open;
  first_free_ = std::min(first_free_, number);
  place = -1;
}

std::size_t LabelTable::AddChunk(void* memory) {
  const auto dropped =
      std::find_if(chunks_.begin(), chunks_.end(), [](const Chunk& chunk) { return chunk.words == nullptr; });
  const auto number = static_cast<std::size_t>(dropped - chunks_.begin());
  if (dropped == chunks_.end()) {
    chunks_.emplace_back();
  }
  chunks_[number].words = static_cast<std::int32_t*>(memory);
  first_free_ = std::min(first_free_, number);
  ++chunk_count_;
  return number;
}

std::vector<std::size_t> LabelTable::Trim(std::size_t reserve) {
  std::vector<std::size_t> dropped;
  for (std::size_t number = chunks_.size(); number-- > 0;) {
    Chunk& chunk = chunks_[number];
    if (chunk.words != nullptr && chunk.open == 0 && free_count() >= reserve + kPagesPerChunk) {
      chunk.words = nullptr;
      --chunk_count_;
      dropped.push_back(number);
    }
  }
  while (!chunks_.empty() && chunks_.back().words == nullptr) {
    chunks_.pop_back();
  }
  first_free_ = 0;
  if (!dropped.empty()) {
    chunks_.shrink_to_fit();
  }
  return dropped;
}

std::vector<std::int32_t> LabelTable::Compact() {
  std::vector<std::int32_t> moved;
  // Twice the reserve, so that moving empties as many chunks as have lost pages since the last time.
  if (free_count() < 2 * reserve() + 2 * kPagesPerChunk) {
    return moved;
  }
  std::vector<std::size_t> fullest;
  for (std::size_t number = 0; number < chunks_.size(); ++number) {
    if (chunks_[number].words != nullptr) {
      fullest.push_back(number);
    }
  }
  std::stable_sort(fullest.begin(), fullest.end(),
                   [this](std::size_t a, std::size_t b) { return chunks_[a].open > chunks_[b].open; });
  const std::size_t kept = (open_count_ + reserve() + kPagesPerChunk - 1) / kPagesPerChunk;
  std::vector<std::pair<std::int32_t, const std::int32_t*>> sources;
  std::vector<std::pair<std::size_t, std::int32_t*>> left;
  for (std::size_t n = kept; n < fullest.size(); ++n) {
    Chunk& chunk = chunks_[fullest[n]];
    for (const std::int32_t page : chunk.pages) {
      if (page != 0) {
        sources.emplace_back(page, WordsOf(page));
      }
    }
    // Prevents `Put` from using this chunk.
    left.emplace_back(fullest[n], chunk.words);
  }
  for (const auto& [page, words] : sources) {
    Remove(page);
  }
  for (const auto& [number, words] : left) {
    chunks_[number].words = nullptr;
  }
  first_free_ = 0;
  for (const auto& [page, words] : sources) {
    Put(page);
    std::memcpy(const_cast<std::int32_t*>(WordsOf(page)), words, kPageWords * sizeof(std::int32_t));
    moved.push_back(page);
  }
  for (const auto& [number, words] : left) {
    chunks_[number].words = words;
  }
  return moved;
}

std::int32_t LabelTable::PlaceOf(std::int32_t page) const {
  const auto index = static_cast<std::size_t>(page);
  if (page <= 0 || index >= places_.size() || places_[index] < 0) {
    return -1;
  }
  return places_[index] * static_cast<std::int32_t>(kPageWords);
}

const std::int32_t* LabelTable::WordsOf(std::int32_t page) const {
  const std::int32_t place = PlaceOf(page);
  if (place < 0) {
    return nullptr;
  }
  const auto word = static_cast<std::size_t>(place);
  return chunks_[word / kChunkWords].words + word % kChunkWords;
}

std::int32_t LabelTable::TimeOf(std::int32_t entry) const {
  const std::int32_t* words = Find(entry, kEntryWords);
  return words == nullptr ? 0 : LoadWord(words);
}

std::size_t LabelTable::Read(std::int32_t entry, std::array<Label, kKeys>* labels) const {
  const std::int32_t* words = Find(entry, kEntryWords);
  if (words == nullptr) {
    return 0;
  }
  std::size_t count = 0;
  std::uint64_t seen = 0;
  // A key has at most three labels, because a label moves twice when its text grows.
  std::size_t left = kKeys * 3;
  std::int32_t number =
      LoadWord(words + offsetof(LabelEntry, first) / sizeof(std::int32_t), std::memory_order_acquire);
  while (left-- > 0 && (words = Find(number, kLabelWords)) != nullptr) {
    const std::int32_t key = LoadWord(words + kKey) & (kLiteral - 1);
    if (static_cast<std::size_t>(key) < kKeys &&
        (seen & (std::uint64_t{1} << static_cast<unsigned>(key))) == 0) {
      seen |= std::uint64_t{1} << static_cast<unsigned>(key);
      if (ReadText(number, words, &(*labels)[count])) {
        ++count;
      }
    }
    number = LoadWord(words + kNext);
  }
  return count;
}

bool LabelTable::ReadText(std::int32_t number, const std::int32_t* words, Label* label) const {
  for (int tries = 0; tries < kTries; ++tries) {
    const std::int32_t version = LoadWord(words + kVersion, std::memory_order_acquire);
    if ((version & 1) != 0) {
      continue;
    }
    // The following reads are valid if the version is unchanged afterwards. Acquire loads keep the second
    // load of the version behind them.
    const std::int32_t key = LoadWord(words + kKey, std::memory_order_acquire);
    const std::int32_t length = LoadWord(words + kLength, std::memory_order_acquire);
    const bool is_there = length >= 0 && static_cast<std::size_t>(length) <= Label::kTextBytes;
    const std::size_t text_words =
        is_there ? (static_cast<std::size_t>(length) + sizeof(std::int32_t) - 1) / sizeof(std::int32_t) : 0;
    if (Find(number, kLabelWords + text_words) == nullptr) {
      return false;
    }
    for (std::size_t n = 0; n < text_words; ++n) {
      const std::int32_t word = LoadWord(words + kLabelWords + n, std::memory_order_acquire);
      std::memcpy(label->text.data() + n * sizeof(word), &word, sizeof(word));
    }
    if (LoadWord(words + kVersion) != version) {
      continue;
    }
    label->key = key & (kLiteral - 1);
    label->is_literal = (key & kLiteral) != 0;
    label->length = is_there ? static_cast<std::size_t>(length) : 0;
    return is_there;
  }
  return false;
}

const std::int32_t* LabelTable::Find(std::int32_t number, std::size_t words) const {
  const std::int32_t* page = WordsOf(number / static_cast<std::int32_t>(kPageWords));
  const std::size_t word = static_cast<std::size_t>(number) % kPageWords;
  return page != nullptr && word + words <= kPageWords ? page + word : nullptr;
}

}  // namespace context
