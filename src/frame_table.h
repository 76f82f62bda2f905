#ifndef CONTEXT_SRC_FRAME_TABLE_H_
#define CONTEXT_SRC_FRAME_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace context {

// JavaScript writes records (lib/frames/page.js) and the core reads them. A record is the native half of a
// frame, of a snapshot, or of one of each if the same entry into a context made both.
//
// The frame half describes one entry into a context; it names the frame that encloses it in the same
// namespace. The snapshot half says that `frame` is active in its namespace, and that `next` tells of the
// other namespaces: what `next` says of the same one does not count.
struct Record {
  std::int32_t slot;       // frame: slot of its namespace
  std::int32_t enclosing;  // frame: record of the enclosing frame, 0 for none
  std::int32_t depth;      // frame: 1 for an outermost frame
  std::int32_t serial;     // frame: serial number of its context in its namespace (modulo 2^32), 0 for the
                           // default context
  std::int32_t frame;      // snapshot: record of the active frame of one namespace
  std::int32_t next;       // snapshot: record of the snapshot that tells of the others, 0 for none
  std::int32_t labels;     // frame: number of the labels of its context (label_table.h), 0 for none
};

// In place of the record that is active, if JavaScript does not know which one is: lib/engine/tracker.js.
constexpr std::int32_t kUnknownRecord = -1;

// JavaScript sees a chunk of records as an array of 32-bit words. The addon exports where in a record each
// word is, and lib/frames/page.js compares that with its own constants.
constexpr std::size_t kWordBytes = sizeof(std::int32_t);
constexpr std::size_t kRecordWords = sizeof(Record) / kWordBytes;
static_assert(std::is_standard_layout_v<Record> && std::is_trivial_v<Record>);
static_assert(offsetof(Record, slot) == 0 && alignof(Record) == kWordBytes);
static_assert(offsetof(Record, labels) == (kRecordWords - 1) * kWordBytes, "a record is words without gaps");

// Records by number. They come in pages, which JavaScript opens one at a time, fills from the front and never
// frees: a page is collected as a whole, when no frame and no snapshot of it is left. Pages come in chunks,
// one block of memory each. Somebody else owns the memory, and keeps it until the table has dropped the
// chunk.
class FrameTable {
 public:
  static constexpr std::size_t kRecordsPerPage = 64;
  static constexpr std::size_t kPagesPerChunk = 32;
  static constexpr std::size_t kRecordsPerChunk = kRecordsPerPage * kPagesPerChunk;
  static constexpr std::size_t kChunkBytes = kRecordsPerChunk * sizeof(Record);

  // The chunk that a page lies in.
  static std::size_t ChunkOfPage(std::int32_t page) {
    return static_cast<std::size_t>(page) / kPagesPerChunk;
  }

  // The chunk that a record lies in.
  static std::size_t ChunkOfRecord(std::int32_t record) {
    return static_cast<std::size_t>(record) / kRecordsPerChunk;
  }

  // Takes a free page and returns its number, from 1; 0 if no page is free. The page's records are numbered
  // from page * kRecordsPerPage on. No record has the number 0. What is in them is left from an earlier use.
  std::int32_t Open();

  // Gives a page back. Nobody may ask for one of its records any more.
  void Close(std::int32_t page);

  // Puts kChunkBytes of memory to use and returns the number of the chunk.
  std::size_t AddChunk(void* memory);

  // Drops the chunks without an open page, except for a reserve of at least `reserve` free pages, and returns
  // their numbers: their memory is in use no longer. From then on the pages with the lowest numbers are
  // opened first, so that chunks at the end become empty.
  std::vector<std::size_t> Trim(std::size_t reserve);

  // The record of a number, nullptr if no open page holds it.
  const Record* Find(std::int32_t record) const;

  // The numbers of all open pages, in ascending order.
  std::vector<std::int32_t> OpenPages() const;

  std::size_t open_count() const { return open_count_; }
  std::size_t free_count() const { return free_.size(); }

  // One more than the highest number of a chunk in use.
  std::size_t chunk_end() const { return chunks_.size(); }

  // The bytes of all chunks in use.
  std::size_t bytes() const { return chunk_count_ * kChunkBytes; }

 private:
  struct Chunk {
    Record* records = nullptr;  // nullptr if the chunk was dropped
    std::uint32_t open = 0;     // bit n: page n of the chunk is open
  };

  bool IsOpen(std::int32_t page) const;

  // Puts the pages of a chunk that are not open on the list of free ones.
  void PushFreePages(std::size_t chunk);

  std::vector<Chunk> chunks_;
  std::vector<std::int32_t> free_;  // numbers of the free pages, the next one to open last
  std::size_t open_count_ = 0;
  std::size_t chunk_count_ = 0;  // without those that were dropped
};

}  // namespace context

#endif  // CONTEXT_SRC_FRAME_TABLE_H_
