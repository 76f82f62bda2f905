#ifndef CONTEXT_TEST_NATIVE_TABLE_MODELS_H_
#define CONTEXT_TEST_NATIVE_TABLE_MODELS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../../src/frame_table.h"
#include "../../src/namespace_table.h"
#include "check.h"
#include "label_model.h"

// Each class here has one of the core's tables and a simple model of it side by side, performs an operation
// on both and checks that they agree. The unit tests choose the operations at random, the fuzzer by coverage.
namespace context {

// An operation is a number up to this, which says which one, and an argument, which says the rest.
constexpr unsigned kOperations = 100;

// The model: the memory of the chunks, and the set of open pages. Each open page is filled with a stamp of
// its own, so that pages that share memory, or lie outside of it, are found out.
class FrameTableModel {
 public:
  void Perform(unsigned operation, std::uint32_t argument) {
    if (operation < 50) {
      Open();
    } else if (operation < 90) {
      Close(argument);
    } else if (operation < 95) {
      Find(argument);
    } else if (operation < 98) {
      Trim(argument % 128);
    } else if (table_.free_count() < kEnough) {
      AddChunk();
    }
    CHECK(table_.open_count() == stamps_.size());
    CHECK(table_.bytes() == chunks_.size() * FrameTable::kChunkBytes);
  }

  void CheckAll() const {
    const std::vector<std::int32_t> pages = table_.OpenPages();
    CHECK(pages.size() == stamps_.size());
    CHECK(std::equal(pages.begin(), pages.end(), stamps_.begin(),
                     [](std::int32_t page, const auto& open) { return page == open.first; }));
    for (const auto& open : stamps_) {
      CheckStamp(open.first);
    }
  }

 private:
  using Memory = std::vector<char>;
  static constexpr std::size_t kEnough = 200;

  static std::int32_t RecordOf(std::int32_t page, std::size_t n) {
    return static_cast<std::int32_t>(page * FrameTable::kRecordsPerPage + n);
  }

  void Open() {
    const std::size_t free = table_.free_count();
    const std::int32_t page = table_.Open();
    CHECK((page == 0) == (free == 0));
    if (page == 0) {
      AddChunk();
      return;
    }
    CHECK(page > 0 && stamps_.emplace(page, ++last_stamp_).second);
    for (std::size_t n = 0; n < FrameTable::kRecordsPerPage; ++n) {
      const std::int32_t number = RecordOf(page, n);
      const Record* found = table_.Find(number);
      CHECK(found != nullptr);
      // Where JavaScript writes: at the record's place in the chunk's memory.
      auto* memory = reinterpret_cast<Record*>(chunks_.at(FrameTable::ChunkOfPage(page))->data());
      Record& record = memory[static_cast<std::size_t>(number) % FrameTable::kRecordsPerChunk];
      CHECK(&record == found);
      record.serial = record.next = last_stamp_;
    }
  }

  void Close(std::uint32_t argument) {
    if (stamps_.empty()) {
      return;
    }
    const auto open = std::next(stamps_.begin(), static_cast<std::ptrdiff_t>(argument % stamps_.size()));
    CheckStamp(open->first);
    table_.Close(open->first);
    CHECK(table_.Find(RecordOf(open->first, 0)) == nullptr);
    stamps_.erase(open);
  }

  // Looks for a number that is mostly near to those in use, and now and then anywhere.
  void Find(std::uint32_t argument) const {
    const std::uint32_t number = argument % 4 == 0
                                     ? argument * 0x9E3779B9U
                                     : argument % ((chunks_.size() + 1) * FrameTable::kRecordsPerChunk);
    const auto record = static_cast<std::int32_t>(number);
    const bool is_open =
        record > 0 && stamps_.count(record / static_cast<std::int32_t>(FrameTable::kRecordsPerPage)) == 1;
    CHECK((table_.Find(record) != nullptr) == is_open);
  }

  void Trim(std::size_t reserve) {
    const std::size_t free = table_.free_count();
    for (const std::size_t chunk : table_.Trim(reserve)) {
      CHECK(chunks_.erase(chunk) == 1);
    }
    CHECK(table_.free_count() <= free && table_.free_count() >= std::min(free, reserve));
    CHECK(table_.chunk_end() == (chunks_.empty() ? 0 : chunks_.rbegin()->first + 1));
    // No chunk is kept empty that is more than the reserve.
    const bool has_empty = std::any_of(chunks_.begin(), chunks_.end(), [this](const auto& chunk) {
      const auto first = static_cast<std::int32_t>(chunk.first * FrameTable::kPagesPerChunk);
      const auto open = stamps_.lower_bound(first);
      return open == stamps_.end() || FrameTable::ChunkOfPage(open->first) != chunk.first;
    });
    CHECK(!has_empty || table_.free_count() < reserve + FrameTable::kPagesPerChunk);
    // The free page with the lowest number comes next.
    const std::int32_t page = table_.Open();
    CHECK(page == LowestFreePage());
    if (page != 0) {
      table_.Close(page);
    }
  }

  // 0 if there is none.
  std::int32_t LowestFreePage() const {
    for (const auto& [chunk, memory] : chunks_) {
      for (std::size_t n = chunk == 0 ? 1 : 0; n < FrameTable::kPagesPerChunk; ++n) {
        const auto page = static_cast<std::int32_t>(chunk * FrameTable::kPagesPerChunk + n);
        if (stamps_.count(page) == 0) {
          return page;
        }
      }
    }
    return 0;
  }

  void AddChunk() {
    auto memory = std::make_unique<Memory>(FrameTable::kChunkBytes, 'x');
    const std::size_t free = table_.free_count();
    const std::size_t chunk = table_.AddChunk(memory->data());
    CHECK(chunks_.emplace(chunk, std::move(memory)).second);
    CHECK(table_.free_count() == free + FrameTable::kPagesPerChunk - (chunk == 0 ? 1 : 0));
  }

  void CheckStamp(std::int32_t page) const {
    const std::int32_t stamp = stamps_.at(page);
    for (std::size_t n = 0; n < FrameTable::kRecordsPerPage; ++n) {
      const Record* record = table_.Find(RecordOf(page, n));
      CHECK(record != nullptr && record->serial == stamp && record->next == stamp);
    }
  }

  FrameTable table_;
  std::map<std::size_t, std::unique_ptr<Memory>> chunks_;
  std::map<std::int32_t, std::int32_t> stamps_;  // of the open pages
  std::int32_t last_stamp_ = 0;
};

// The model: the names of the namespaces that live, by slot.
class NamespaceTableModel {
 public:
  void Perform(unsigned operation, std::uint32_t argument) {
    if (operation < 45) {
      const std::u16string name(argument % 40, static_cast<char16_t>('a' + argument % 26));
      const std::size_t size = table_.size();
      const std::int32_t slot = table_.Create(name);
      CHECK(slot >= 0 && names_.emplace(slot, name).second);
      CHECK(table_.size() == std::max(size, static_cast<std::size_t>(slot) + 1));
      most_ = std::max(most_, names_.size());
    } else if (operation < 85) {
      if (!names_.empty()) {
        const auto lives = std::next(names_.begin(), static_cast<std::ptrdiff_t>(argument % names_.size()));
        table_.Release(lives->first);
        names_.erase(lives);
      }
    } else {
      const auto slot = static_cast<std::int32_t>(argument % 2 == 0 ? argument * 0x9E3779B9U : argument % 64);
      CHECK((table_.NameOf(slot) != nullptr) == (names_.count(slot) == 1));
    }
  }

  void CheckAll() const {
    // A slot that is free is used before another one is made.
    CHECK(table_.size() == most_);
    for (const auto& [slot, name] : names_) {
      CHECK(*table_.NameOf(slot) == name);
    }
  }

 private:
  NamespaceTable table_;
  std::map<std::int32_t, std::u16string> names_;
  std::size_t most_ = 0;
};

// One of each, driven by one series of numbers.
class TableModels {
 public:
  // What `which` stands for: any number.
  void Perform(unsigned which, unsigned operation, std::uint32_t argument) {
    if (which % 4 == 0) {
      namespaces_.Perform(operation % kOperations, argument);
    } else if (which % 4 == 1) {
      labels_.Perform(operation % kOperations, argument);
    } else {
      frames_.Perform(operation % kOperations, argument);
    }
  }

  void CheckAll() const {
    frames_.CheckAll();
    namespaces_.CheckAll();
    labels_.CheckAll();
  }

 private:
  FrameTableModel frames_;
  NamespaceTableModel namespaces_;
  LabelTableModel labels_;
};

}  // namespace context

#endif  // CONTEXT_TEST_NATIVE_TABLE_MODELS_H_
