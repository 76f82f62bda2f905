#ifndef CONTEXT_SRC_FRAME_TABLE_H_
#define CONTEXT_SRC_FRAME_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace context {

// JavaScript writes records (lib/snapshot.js has the same layout, word for word) and the core reads them. A
// record is the native half of a frame, of a snapshot, or of one of each where the same entry into a context
// made both.
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
};

// Records by number. They come in pages, which JavaScript opens one at a time, fills from the front and never
// frees: a page is collected as a whole, when no frame and no snapshot of it is left. Pages come in chunks,
// one block of memory each. The memory is somebody else's, who keeps it until the table has dropped the
// chunk.
class FrameTable {
 public:
  static constexpr std::size_t kRecordsPerPage = 64;
  static constexpr std::size_t kPagesPerChunk = 32;
  static constexpr std::size_t kRecordsPerChunk = kRecordsPerPage * kPagesPerChunk;
  static constexpr std::size_t kPageBytes = kRecordsPerPage * sizeof(Record);
  static constexpr std::size_t kChunkBytes = kRecordsPerChunk * sizeof(Record);

  // The chunk that a page or a record lies in.
  static std::size_t ChunkOfPage(std::int32_t page) {
    return static_cast<std::size_t>(page) / kPagesPerChunk;
  }

  // Takes a free page and returns its number, from 1; 0 where no page is free. The page's records are
  // numbered from page * kRecordsPerPage on. No record has the number 0. What is in them is left from an
  // earlier use.
  std::int32_t Open();

  // Gives a page back. Nobody may ask for one of its records any more.
  void Close(std::int32_t page);

  // Puts kChunkBytes of memory to use and returns the number of the chunk.
  std::size_t AddChunk(void* memory);

  // Drops the chunks without an open page that are not wanted as a reserve of at least `reserve` free pages,
  // and returns their numbers: their memory is in use no longer.
  std::vector<std::size_t> Trim(std::size_t reserve);

  // The record of a number, nullptr where no open page holds it.
  const Record* Find(std::int32_t record) const;

  // The numbers of all open pages.
  std::vector<std::int32_t> OpenPages() const;

  std::size_t open_count() const { return open_count_; }
  std::size_t free_count() const { return free_.size(); }

 private:
  struct Chunk {
    Record* records = nullptr;  // nullptr where the chunk was dropped
    std::uint32_t open = 0;     // bit n: page n of the chunk is open
  };

  bool IsOpen(std::int32_t page) const;

  std::vector<Chunk> chunks_;
  std::vector<std::int32_t> free_;  // numbers of the free pages, the next one to open last
  std::size_t open_count_ = 0;
};

}  // namespace context

#endif  // CONTEXT_SRC_FRAME_TABLE_H_
