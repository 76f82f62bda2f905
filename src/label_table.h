#ifndef CONTEXT_SRC_LABEL_TABLE_H_
#define CONTEXT_SRC_LABEL_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace context {

// What JavaScript writes of the labels of one context (lib/frames/labels.js): this, and a list of labels.
struct LabelEntry {
  std::int32_t
      time;  // what the clock said when the context was created, see Clock in watchdog.h; 0 if unknown
  std::int32_t first;  // number of the label that was added last, 0 for none
};

// One label. Its text follows: UTF-8, in whole words. JavaScript may write another text over it at any
// moment, also while another thread reads: `version` is odd for as long, and another number afterwards.
struct LabelHeader {
  std::int32_t next;     // number of the label that was added before, 0 for none
  std::int32_t key;      // the index of its key, and kLiteral if the text is a literal of JSON
  std::int32_t version;  // how often it was begun, and how often it was finished, to be written
  std::int32_t length;   // of the text in bytes, -1 if the label was deleted
};

constexpr std::size_t kEntryWords = sizeof(LabelEntry) / sizeof(std::int32_t);
constexpr std::size_t kLabelWords = sizeof(LabelHeader) / sizeof(std::int32_t);
static_assert(std::is_standard_layout_v<LabelEntry> && sizeof(LabelEntry) == 8);
static_assert(std::is_standard_layout_v<LabelHeader> && sizeof(LabelHeader) == 16);

// A label as it was read.
struct Label {
  static constexpr std::size_t kTextBytes = 132;  // 128 at most, and a mark if it was cut, in whole words

  std::int32_t key = 0;
  bool is_literal = false;
  std::size_t length = 0;
  std::array<char, kTextBytes> text{};
};

// The labels of contexts by number. They lie in pages, which JavaScript opens one at a time and fills from
// the front. A number says which page, and which word of it. Somebody else owns the memory of a page, and
// keeps it until the page was closed.
//
// Pages are opened and closed while nobody reads. But JavaScript writes labels while another thread may be
// reading them: what was read is whole, or it is not there.
class LabelTable {
 public:
  static constexpr std::size_t kPageWords = 4096;
  static constexpr std::size_t kPageBytes = kPageWords * sizeof(std::int32_t);
  static constexpr std::int32_t kLiteral = 1 << 16;

  // A namespace has no more keys than this, so that a context has no more labels.
  static constexpr std::size_t kKeys = 32;

  // Puts kPageBytes of memory to use and returns the number of the page, from 1.
  std::int32_t Open(void* memory);

  // The memory of a page is in use no longer.
  void Close(std::int32_t page);

  // What the clock said when the context of an entry was created; 0 if there is no such entry.
  std::int32_t TimeOf(std::int32_t entry) const;

  // Reads the labels of an entry into an array, of each key the last one, and returns how many there are. A
  // label that is being written all the time is left out. What an entry leads to may be anything: it is
  // checked.
  std::size_t Read(std::int32_t entry, std::array<Label, kKeys>* labels) const;

  std::size_t open_count() const { return open_count_; }
  std::size_t bytes() const { return open_count_ * kPageBytes; }

 private:
  // The words from a number on, nullptr if there are not so many in an open page.
  const std::int32_t* Find(std::int32_t number, std::size_t words) const;

  // Reads one label, unless it was deleted or is being written.
  bool ReadText(std::int32_t number, const std::int32_t* words, Label* label) const;

  std::vector<std::int32_t*> pages_;  // by page; nullptr if it is closed
  std::vector<std::int32_t> free_;    // numbers of closed pages
  std::size_t open_count_ = 0;
};

}  // namespace context

#endif  // CONTEXT_SRC_LABEL_TABLE_H_
