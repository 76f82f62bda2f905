// Unit tests of the plain C++ below src/core.cc. A check that fails ends the program with its line.

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include "../../src/execution_stack.h"
#include "../../src/frame_table.h"
#include "../../src/namespace_table.h"

namespace context {
namespace {

void Check(bool holds, const char* what, int line) {
  if (!holds) {
    std::fprintf(stderr, "%s:%d: %s\n", __FILE__, line, what);
    std::exit(1);
  }
}

#define CHECK(condition) Check((condition), #condition, __LINE__)

using Memory = std::vector<char>;

void NamespacesGetSlotsAndGiveThemBack() {
  NamespaceTable table;
  const Counters counters{};
  CHECK(table.Find(0) == nullptr);
  const std::int32_t one = table.Create(u"one", &counters);
  const std::int32_t two = table.Create(u"two", &counters);
  CHECK(one == 0 && two == 1);
  CHECK(table.Find(one)->name == u"one" && table.Find(two)->counters == &counters);
  table.Release(one);
  CHECK(table.Find(one) == nullptr && table.Find(two)->name == u"two");
  CHECK(table.Create(u"three", &counters) == one && table.size() == 2);
  CHECK(table.Find(one)->name == u"three");
  for (const std::int32_t none : {-1, 2, INT32_MAX, INT32_MIN}) {
    CHECK(table.Find(none) == nullptr);
  }
}

void TheStackMovesIntoMoreMemory() {
  ExecutionStack stack;
  CHECK(stack.active() == 0 && stack.levels() == 0);
  std::vector<double> memory(ExecutionStack::Length(2));
  stack.Move(memory.data(), 2);
  CHECK(stack.active() == 0 && stack.levels() == 2);
  memory = {1, 10, 100, 11, 101};
  CHECK(stack.active() == 101);
  std::vector<double> more(ExecutionStack::Length(4));
  stack.Move(more.data(), 4);
  CHECK(stack.active() == 101 && stack.levels() == 4);
  CHECK(more == std::vector<double>({1, 10, 100, 11, 101, 0, 0, 0, 0}));
  more[0] = 0;
  CHECK(stack.active() == 100);
}

void ATableWithoutMemoryHasNoPages() {
  FrameTable table;
  CHECK(table.Open() == 0);
  CHECK(table.open_count() == 0 && table.free_count() == 0 && table.OpenPages().empty());
  for (const std::int32_t none : {-1, 0, 1, 64, INT32_MAX, INT32_MIN}) {
    CHECK(table.Find(none) == nullptr);
  }
}

void PagesAreEmptyWhenTheyAreOpened() {
  FrameTable table;
  Memory memory(FrameTable::kChunkBytes, 'x');
  CHECK(table.AddChunk(memory.data()) == 0);
  const std::int32_t page = table.Open();
  CHECK(page == 1);  // 0 is no page
  const auto first = static_cast<std::int32_t>(page * FrameTable::kRecordsPerPage);
  for (std::size_t n = 0; n < FrameTable::kRecordsPerPage; ++n) {
    const Record* record = table.Find(first + static_cast<std::int32_t>(n));
    CHECK(record->slot == 0 && record->enclosing == 0 && record->depth == 0 && record->serial == 0);
    CHECK(record->frame == 0 && record->next == 0);
  }
  CHECK(table.Find(first - 1) == nullptr);
  CHECK(table.Find(first + static_cast<std::int32_t>(FrameTable::kRecordsPerPage)) == nullptr);
  table.Close(page);
  CHECK(table.Find(first) == nullptr);
}

// Opens, closes, adds and trims at random; a map of the open pages is the model. Each open page is filled
// with its number, so that a page that shares memory with another one, or lies outside of it, is found out.
void PagesNeverOverlapWhateverIsDone(unsigned seed) {
  FrameTable table;
  std::mt19937 random(seed);
  std::map<std::size_t, std::unique_ptr<Memory>> chunks;
  std::set<std::int32_t> open;
  const auto record_of = [](std::int32_t page, std::size_t n) {
    return static_cast<std::int32_t>(page * FrameTable::kRecordsPerPage + n);
  };
  for (int step = 0; step < 5000; ++step) {
    const auto operation = random() % 100;
    if (operation < 55) {
      const std::size_t free = table.free_count();
      const std::int32_t page = table.Open();
      CHECK((page == 0) == (free == 0));
      if (page == 0) {
        auto memory = std::make_unique<Memory>(FrameTable::kChunkBytes, 'x');
        const std::size_t chunk = table.AddChunk(memory->data());
        CHECK(chunks.find(chunk) == chunks.end());
        chunks[chunk] = std::move(memory);
        continue;
      }
      CHECK(open.insert(page).second);
      for (std::size_t n = 0; n < FrameTable::kRecordsPerPage; ++n) {
        auto* record = const_cast<Record*>(table.Find(record_of(page, n)));
        CHECK(record->serial == 0);
        record->serial = page;
      }
    } else if (operation < 98 && !open.empty()) {
      auto page = open.begin();
      std::advance(page, random() % open.size());
      for (std::size_t n = 0; n < FrameTable::kRecordsPerPage; ++n) {
        CHECK(table.Find(record_of(*page, n))->serial == *page);
      }
      table.Close(*page);
      open.erase(page);
    } else if (operation >= 98) {
      const std::size_t reserve = random() % 100;
      const std::size_t free = table.free_count();
      for (const std::size_t chunk : table.Trim(reserve)) {
        CHECK(chunks.erase(chunk) == 1);
      }
      CHECK(table.free_count() <= free && (free < reserve || table.free_count() >= reserve));
    }
    CHECK(table.open_count() == open.size());
  }
  const std::vector<std::int32_t> pages = table.OpenPages();
  CHECK(std::set<std::int32_t>(pages.begin(), pages.end()) == open && pages.size() == open.size());
}

}  // namespace
}  // namespace context

int main() {
  context::NamespacesGetSlotsAndGiveThemBack();
  context::TheStackMovesIntoMoreMemory();
  context::ATableWithoutMemoryHasNoPages();
  context::PagesAreEmptyWhenTheyAreOpened();
  for (unsigned seed = 0; seed < 20; ++seed) {
    context::PagesNeverOverlapWhateverIsDone(seed);
  }
  return 0;
}
