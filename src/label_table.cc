#include "label_table.h"

#include <cstring>

#include "shared_word.h"

namespace context {

namespace {

// JavaScript takes nanoseconds to write a label, unless its thread was suspended in the middle.
constexpr int kTries = 100;

// The words of a LabelHeader.
constexpr std::size_t kNext = offsetof(LabelHeader, next) / sizeof(std::int32_t);
constexpr std::size_t kKey = offsetof(LabelHeader, key) / sizeof(std::int32_t);
constexpr std::size_t kVersion = offsetof(LabelHeader, version) / sizeof(std::int32_t);
constexpr std::size_t kLength = offsetof(LabelHeader, length) / sizeof(std::int32_t);

}  // namespace

std::int32_t LabelTable::Open(void* memory) {
  if (pages_.empty()) {
    pages_.push_back(nullptr);  // 0 is no page, so that number 0 can mean none
  }
  ++open_count_;
  auto* words = static_cast<std::int32_t*>(memory);
  if (free_.empty()) {
    pages_.push_back(words);
    return static_cast<std::int32_t>(pages_.size() - 1);
  }
  const std::int32_t page = free_.back();
  free_.pop_back();
  pages_[static_cast<std::size_t>(page)] = words;
  return page;
}

void LabelTable::Close(std::int32_t page) {
  pages_[static_cast<std::size_t>(page)] = nullptr;
  free_.push_back(page);
  --open_count_;
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
  // A label is added anew when its text needs more room, which happens twice at most.
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
    // What is read from here on counts only if the version is still the same after it: each of these loads
    // keeps the second one of the version behind it.
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
  if (number <= 0) {
    return nullptr;
  }
  const std::size_t page = static_cast<std::size_t>(number) / kPageWords;
  const std::size_t word = static_cast<std::size_t>(number) % kPageWords;
  const bool is_there = page < pages_.size() && pages_[page] != nullptr && word + words <= kPageWords;
  return is_there ? pages_[page] + word : nullptr;
}

}  // namespace context
