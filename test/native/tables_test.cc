// Unit tests of the plain C++ below src/core.cc. A check that fails ends the program with its line.

#include <cstdint>
#include <random>
#include <vector>

#include "../../src/execution_stack.h"
#include "../../src/frame_table.h"
#include "../../src/namespace_table.h"
#include "check.h"
#include "table_models.h"

namespace context {
namespace {

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

void APageHasItsRecordsAndNoOthers() {
  FrameTable table;
  Memory memory(FrameTable::kChunkBytes, 'x');
  CHECK(table.AddChunk(memory.data()) == 0);
  const std::int32_t page = table.Open();
  CHECK(page == 1);  // 0 is no page
  const auto first = static_cast<std::int32_t>(page * FrameTable::kRecordsPerPage);
  const auto last = first + static_cast<std::int32_t>(FrameTable::kRecordsPerPage) - 1;
  CHECK(table.Find(first) != nullptr && table.Find(last) != nullptr);
  CHECK(table.Find(first - 1) == nullptr && table.Find(last + 1) == nullptr);
  table.Close(page);
  CHECK(table.Find(first) == nullptr && table.Find(last) == nullptr);
}

void TablesAgreeWithTheirModelsWhateverIsDone(unsigned seed) {
  TableModels models;
  std::mt19937 random(seed);
  for (int step = 0; step < 10000; ++step) {
    const auto which = static_cast<unsigned>(random());
    const auto operation = static_cast<unsigned>(random());
    models.Perform(which, operation, static_cast<std::uint32_t>(random()));
  }
  models.CheckAll();
}

}  // namespace
}  // namespace context

int main() {
  context::NamespacesGetSlotsAndGiveThemBack();
  context::TheStackMovesIntoMoreMemory();
  context::ATableWithoutMemoryHasNoPages();
  context::APageHasItsRecordsAndNoOthers();
  for (unsigned seed = 0; seed < 20; ++seed) {
    context::TablesAgreeWithTheirModelsWhateverIsDone(seed);
  }
  return 0;
}
