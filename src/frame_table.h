#ifndef CONTEXT_SRC_FRAME_TABLE_H_
#define CONTEXT_SRC_FRAME_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace context {

// JavaScript writes records (lib/frames/page.js), and the core reads them. A record is the native half of a
// frame, of a snapshot, or of one of each if the same entry into a context created both.
//
// The frame half describes an entry into a context and refers to the enclosing frame of the same namespace.
// The snapshot half says that `frame` is active in its namespace; the list `next` has the frames of other
// namespaces. The first part with a namespace counts.
struct Record {
  std::int32_t slot;       // frame: slot of its namespace
  std::int32_t enclosing;  // frame: record of the enclosing frame, 0 for none
  std::int32_t depth;      // frame: 1 for an outermost frame
  std::int32_t serial;     // frame: serial number of its context in its namespace (modulo 2^32), 0 for the
                           // default context
  std::int32_t frame;      // snapshot: record of the active frame of one namespace
  std::int32_t next;       // snapshot: record of the next part of the list, 0 for none
  std::int32_t labels;     // frame: number of the labels of its context (label_table.h), 0 for none
};

// In place of the active record, if JavaScript doesn't know it: see lib/engine/tracker.js.
constexpr std::int32_t kUnknownRecord = -1;

// JavaScript sees a chunk of records as an array of 32-bit words. The addon exports where in a record each
// word is, and lib/frames/page.js compares that with its own constants.
constexpr std::size_t kWordBytes = sizeof(std::int32_t);
constexpr std::size_t kRecordWords = sizeof(Record) / kWordBytes;
static_assert(std::is_standard_layout_v<Record> && std::is_trivial_v<Record>);
static_assert(offsetof(Record, slot) == 0 && alignof(Record) == kWordBytes);
static_assert(offsetof(Record, labels) == (kRecordWords - 1) * kWordBytes, "a record is words without gaps");

// Records by number. JavaScript opens one page at a time and fills it from the front. Records are not freed
// individually: a page is closed when all of its frames and snapshots were collected. A chunk of pages is one
// block of memory, which the caller owns and keeps until the table drops the chunk.
class FrameTable {
 public:
  static constexpr std::size_t kRecordsPerPage = 64;
  static constexpr std::size_t kPagesPerChunk = 32;
  static constexpr std::size_t kRecordsPerChunk = kRecordsPerPage * kPagesPerChunk;
  static constexpr std::size_t kChunkBytes = kRecordsPerChunk * sizeof(Record);

  static std::size_t ChunkOfPage(std::int32_t page) {
    return static_cast<std::size_t>(page) / kPagesPerChunk;
  }

  static std::size_t ChunkOfRecord(std::int32_t record) {
    return static_cast<std::size_t>(record) / kRecordsPerChunk;
  }

  // Opens a free page and returns its number, from 1; 0 if no page is free. Its records are numbered from
  // page * kRecordsPerPage, so no record is number 0; they contain arbitrary old data.
  std::int32_t Open();

  // Closes a page, whose records must not be requested any more.
  void Close(std::int32_t page);

  // Adds kChunkBytes of memory and returns the chunk's number.
  std::size_t AddChunk(void* memory);

  // Drops chunks without an open page, keeping at least `reserve` free pages, and returns their numbers:
  // their memory is no longer used. Pages with the lowest numbers are then opened first, so that chunks at
  // the end become empty.
  std::vector<std::size_t> Trim(std::size_t reserve);

  // The record with a number; nullptr if no open page contains it.
  const Record* Find(std::int32_t record) const;

  // The numbers of all open pages, ascending.
  std::vector<std::int32_t> OpenPages() const;

  std::size_t open_count() const { return open_count_; }
  std::size_t free_count() const { return free_.size(); }

  std::size_t chunk_end() const { return chunks_.size(); }

  std::size_t bytes() const { return chunk_count_ * kChunkBytes; }

 private:
  struct Chunk {
    Record* records = nullptr;  // nullptr if the chunk was dropped
    std::uint32_t open = 0;     // bit n: page n of the chunk is open
  };

  bool IsOpen(std::int32_t page) const;

  // Adds the closed pages of a chunk to the free list.
  void PushFreePages(std::size_t chunk);

  std::vector<Chunk> chunks_;
  std::vector<std::int32_t> free_;  // free pages; the next one to open is last
  std::size_t open_count_ = 0;
  std::size_t chunk_count_ = 0;  // without dropped ones
};

}  // namespace context

#endif  // CONTEXT_SRC_FRAME_TABLE_H_
