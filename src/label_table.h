#ifndef CONTEXT_SRC_LABEL_TABLE_H_
#define CONTEXT_SRC_LABEL_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace context {

// The labels of one context, written by JavaScript (lib/frames/labels.js): this header, and a linked list.
struct LabelEntry {
  std::int32_t time;   // the coarse clock when the context was created; 0 if unknown
  std::int32_t first;  // number of the latest label, 0 for none
};

// One label, followed by its text: UTF-8, padded to whole words. JavaScript may overwrite it while another
// thread reads: `version` is odd meanwhile, and different afterwards.
struct LabelHeader {
  std::int32_t next;     // number of the previous label, 0 for none
  std::int32_t key;      // the index of its key; kLiteral is set if the text is a JSON literal
  std::int32_t version;  // incremented when writing begins and when it ends
  std::int32_t length;   // of the text in bytes, -1 if the label was deleted
};

constexpr std::size_t kEntryWords = sizeof(LabelEntry) / sizeof(std::int32_t);
constexpr std::size_t kLabelWords = sizeof(LabelHeader) / sizeof(std::int32_t);
static_assert(std::is_standard_layout_v<LabelEntry> && sizeof(LabelEntry) == 8);
static_assert(std::is_standard_layout_v<LabelHeader> && sizeof(LabelHeader) == 16);

// A copy of a label.
struct Label {
  static constexpr std::size_t kTextBytes = 132;  // 128, and an ellipsis if truncated, in whole words

  std::int32_t key = 0;
  bool is_literal = false;
  std::size_t length = 0;
  std::array<char, kTextBytes> text{};
};

// Labels by number. A number identifies a page and a word in it. JavaScript opens one page at a time and
// fills it from the front; pages are small, because a page stays open while one of its contexts lives. A
// chunk of pages is one block of memory, which the caller owns and keeps until the table drops the chunk.
// Pages are moved when chunks are mostly empty; numbers stay valid.
//
// No thread reads while pages are opened, closed or moved. But JavaScript may write labels while another
// thread reads them: a label is then read completely or not at all.
class LabelTable {
 public:
  static constexpr std::size_t kPageWords = 128;
  static constexpr std::size_t kPagesPerChunk = 64;
  static constexpr std::size_t kChunkWords = kPageWords * kPagesPerChunk;
  static constexpr std::size_t kChunkBytes = kChunkWords * sizeof(std::int32_t);
  static constexpr std::int32_t kLiteral = 1 << 16;

  // The maximum number of keys per namespace, and so of labels per context.
  static constexpr std::size_t kKeys = 32;

  // Opens a page and returns its number, from 1; 0 if there is no free place. It contains arbitrary old data.
  std::int32_t Open();

  void Close(std::int32_t page);

  // Adds kChunkBytes of memory and returns the chunk's number.
  std::size_t AddChunk(void* memory);

  // Drops empty chunks, keeping at least `reserve` free places, and returns their numbers: their memory is no
  // longer used.
  std::vector<std::size_t> Trim(std::size_t reserve);

  // If there are many more free places than pages, moves the pages out of the emptiest chunks, and returns
  // the numbers of moved pages. Nothing may be written to their old positions.
  std::vector<std::int32_t> Compact();

  // How many free places to keep: half as many as pages, so that the cost of searching for closed pages is
  // constant per opened page.
  std::size_t reserve() const { return open_count_ / 2 + 1; }

  // The position of a page: its first word, counted over all chunks. -1 if there is no such page.
  std::int32_t PlaceOf(std::int32_t page) const;

  // The creation time of an entry's context; 0 if there is no such entry.
  std::int32_t TimeOf(std::int32_t entry) const;

  // Reads the latest label of each key of an entry into an array, and returns their number. Omits a label
  // that is constantly being written. Validates everything that the entry refers to.
  std::size_t Read(std::int32_t entry, std::array<Label, kKeys>* labels) const;

  std::size_t open_count() const { return open_count_; }
  std::size_t free_count() const { return chunk_count_ * kPagesPerChunk - open_count_; }

  std::size_t chunk_end() const { return chunks_.size(); }

  std::size_t bytes() const { return chunk_count_ * kChunkBytes; }

 private:
  struct Chunk {
    std::int32_t* words = nullptr;                     // nullptr if the chunk was dropped
    std::size_t open = 0;                              // number of pages in it
    std::array<std::int32_t, kPagesPerChunk> pages{};  // page numbers by place, 0 for none
  };

  // Puts a page into the first free place, which must exist.
  void Put(std::int32_t page);

  // Removes a page from its place.
  void Remove(std::int32_t page);

  const std::int32_t* WordsOf(std::int32_t page) const;

  // The words at a number; nullptr if an open page doesn't contain so many.
  const std::int32_t* Find(std::int32_t number, std::size_t words) const;

  // Reads one label; returns false if it was deleted or is being written.
  bool ReadText(std::int32_t number, const std::int32_t* words, Label* label) const;

  std::vector<Chunk> chunks_;
  std::vector<std::int32_t> places_;  // by page: its place, -1 if it is closed
  std::vector<std::int32_t> free_;    // numbers of closed pages
  std::size_t first_free_ = 0;        // no chunk before this one has a free place
  std::size_t open_count_ = 0;
  std::size_t chunk_count_ = 0;  // without dropped ones
};

}  // namespace context

#endif  // CONTEXT_SRC_LABEL_TABLE_H_
