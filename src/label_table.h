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
// the front: small ones, as a page stays for as long as one of its contexts lives. A number says which page,
// and which word of it. Pages lie in chunks, one block of memory each, and are moved if chunks come to be
// mostly empty: their numbers stay. Somebody else owns the memory of a chunk, and keeps it until the chunk
// was dropped.
//
// Pages are opened, closed and moved while nobody reads. But JavaScript writes labels while another thread
// may be reading them: what was read is whole, or it is not there.
class LabelTable {
 public:
  static constexpr std::size_t kPageWords = 128;
  static constexpr std::size_t kPagesPerChunk = 64;
  static constexpr std::size_t kChunkWords = kPageWords * kPagesPerChunk;
  static constexpr std::size_t kChunkBytes = kChunkWords * sizeof(std::int32_t);
  static constexpr std::int32_t kLiteral = 1 << 16;

  // A namespace has no more keys than this, so that a context has no more labels.
  static constexpr std::size_t kKeys = 32;

  // Takes a free place for a page and returns the number of the page, from 1; 0 if there is none. What is in
  // it is left from an earlier use.
  std::int32_t Open();

  // Gives the place of a page back.
  void Close(std::int32_t page);

  // Puts kChunkBytes of memory to use and returns the number of the chunk.
  std::size_t AddChunk(void* memory);

  // Drops chunks without a page, except for a reserve of at least so many free places, and returns their
  // numbers: their memory is in use no longer.
  std::vector<std::size_t> Trim(std::size_t reserve);

  // If there are many more free places than pages: moves pages out of the chunks that have the fewest, which
  // are empty afterwards, and returns the numbers of the pages. Nobody may write to where they were.
  std::vector<std::int32_t> Compact();

  // How many free places are to be kept: half as many as there are pages, so that looking for closed pages
  // costs a constant time for each page that is opened.
  std::size_t reserve() const { return open_count_ / 2 + 1; }

  // Where a page is: its first word, counted over all chunks. -1 if there is no such page.
  std::int32_t PlaceOf(std::int32_t page) const;

  // What the clock said when the context of an entry was created; 0 if there is no such entry.
  std::int32_t TimeOf(std::int32_t entry) const;

  // Reads the labels of an entry into an array, of each key the last one, and returns how many there are. A
  // label that is being written all the time is left out. What an entry leads to may be anything: it is
  // checked.
  std::size_t Read(std::int32_t entry, std::array<Label, kKeys>* labels) const;

  std::size_t open_count() const { return open_count_; }
  std::size_t free_count() const { return chunk_count_ * kPagesPerChunk - open_count_; }

  // One more than the highest number of a chunk in use.
  std::size_t chunk_end() const { return chunks_.size(); }

  // The bytes of all chunks in use.
  std::size_t bytes() const { return chunk_count_ * kChunkBytes; }

 private:
  struct Chunk {
    std::int32_t* words = nullptr;                     // nullptr if the chunk was dropped
    std::size_t open = 0;                              // how many pages are in it
    std::array<std::int32_t, kPagesPerChunk> pages{};  // their numbers by place, 0 for none
  };

  // Puts a page into the first free place, which must be there.
  void Put(std::int32_t page);

  // Takes a page out of its place.
  void Remove(std::int32_t page);

  const std::int32_t* WordsOf(std::int32_t page) const;

  // The words from a number on, nullptr if there are not so many in an open page.
  const std::int32_t* Find(std::int32_t number, std::size_t words) const;

  // Reads one label, unless it was deleted or is being written.
  bool ReadText(std::int32_t number, const std::int32_t* words, Label* label) const;

  std::vector<Chunk> chunks_;
  std::vector<std::int32_t> places_;  // by page: the number of its place, -1 if it is closed
  std::vector<std::int32_t> free_;    // numbers of closed pages
  std::size_t first_free_ = 0;        // no chunk before this one has a free place
  std::size_t open_count_ = 0;
  std::size_t chunk_count_ = 0;  // without those that were dropped
};

}  // namespace context

#endif  // CONTEXT_SRC_LABEL_TABLE_H_
