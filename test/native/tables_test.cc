// Unit tests of the plain C++ below src/addon.cc: what the models of table_models.h do not check, and random
// operations on these. A check that fails ends the program with its line.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "../../src/label_table.h"
#include "check.h"
#include "table_models.h"

namespace context {
namespace {

// Writes an entry with one label at the front of a page, as JavaScript does.
void WriteLabel(std::vector<std::int32_t>* page, std::int32_t first, const char* text) {
  const auto length = static_cast<std::int32_t>(std::strlen(text));
  const std::vector<std::int32_t> words = {7, first + 2, 0, 3, 0, length};
  std::copy(words.begin(), words.end(), page->begin());
  std::memcpy(page->data() + words.size(), text, static_cast<std::size_t>(length));
}

// One context lives of each of many chunks: they come to be in few, and are read as before.
void PagesOfMostlyEmptyChunksAreMoved() {
  constexpr std::size_t kChunks = 20;
  LabelTable table;
  std::array<Label, LabelTable::kKeys> labels;
  std::vector<std::vector<std::int32_t>> chunks(kChunks, std::vector<std::int32_t>(LabelTable::kChunkWords));
  std::vector<std::int32_t> pages;
  for (std::vector<std::int32_t>& chunk : chunks) {
    table.AddChunk(chunk.data());
  }
  CHECK(table.Compact().size() == 0);
  while (const std::int32_t page = table.Open()) {
    pages.push_back(page);
    const auto first = page * static_cast<std::int32_t>(LabelTable::kPageWords);
    std::vector<std::int32_t> words(LabelTable::kPageWords);
    WriteLabel(&words, first, std::to_string(page).c_str());
    const auto place = static_cast<std::size_t>(table.PlaceOf(page));
    std::copy(words.begin(), words.end(),
              chunks[place / LabelTable::kChunkWords].begin() +
                  static_cast<std::ptrdiff_t>(place % LabelTable::kChunkWords));
  }
  CHECK(table.Compact().empty() && table.Trim(table.reserve()).empty());
  for (const std::int32_t page : pages) {
    if (page % static_cast<std::int32_t>(LabelTable::kPagesPerChunk) != 7) {
      table.Close(page);
    }
  }
  CHECK(table.Compact().size() == kChunks - 1);
  for (const std::size_t chunk : table.Trim(table.reserve())) {
    std::fill(chunks[chunk].begin(), chunks[chunk].end(), -1);
  }
  CHECK(table.bytes() == LabelTable::kChunkBytes && table.open_count() == kChunks);
  for (const std::int32_t page : pages) {
    const auto first = page * static_cast<std::int32_t>(LabelTable::kPageWords);
    const bool is_open = page % static_cast<std::int32_t>(LabelTable::kPagesPerChunk) == 7;
    CHECK(table.Read(first, &labels) == (is_open ? 1 : 0));
    CHECK(!is_open || std::string(labels[0].text.data(), labels[0].length) == std::to_string(page));
  }
}

void LabelsThatMakeNoSenseAreNotRead(unsigned seed) {
  LabelTable table;
  std::array<Label, LabelTable::kKeys> labels;
  std::vector<std::int32_t> page(LabelTable::kChunkWords);
  table.AddChunk(page.data());
  while (table.Open() != 0) {
  }
  constexpr auto kPageWords = static_cast<std::int32_t>(LabelTable::kPageWords);
  constexpr auto kWords = static_cast<std::int32_t>(LabelTable::kChunkWords);
  std::mt19937 random(seed);
  for (std::int32_t& word : page) {
    const auto number = static_cast<std::int32_t>(random());
    // Many that lead into the page, to lead on from there.
    word = random() % 2 == 0 ? number : kPageWords + number % kWords;
  }
  for (std::int32_t number = -10; number < 2 * kWords; ++number) {
    const std::size_t count = table.Read(number, &labels);
    CHECK(count <= LabelTable::kKeys);
    for (std::size_t n = 0; n < count; ++n) {
      CHECK(labels[n].length <= Label::kTextBytes && labels[n].key < 32 && labels[n].key >= 0);
    }
  }
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
  context::PagesOfMostlyEmptyChunksAreMoved();
  for (unsigned seed = 0; seed < 20; ++seed) {
    context::LabelsThatMakeNoSenseAreNotRead(seed);
    context::TablesAgreeWithTheirModelsWhateverIsDone(seed);
  }
  return 0;
}
