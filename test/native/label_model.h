#ifndef CONTEXT_TEST_NATIVE_LABEL_MODEL_H_
#define CONTEXT_TEST_NATIVE_LABEL_MODEL_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../../src/label_table.h"
#include "check.h"

namespace context {

// A table of labels, written as JavaScript writes it (lib/frames/labels.js), and a model of it: the labels of
// each entry, the one that was added last in front. See table_models.h.
class LabelTableModel {
 public:
  void Perform(unsigned operation, std::uint32_t argument) {
    if (operation < 5) {
      Open();
    } else if (operation < 7) {
      Close(argument);
    } else if (operation < 8) {
      Reclaim(argument);
    } else if (operation < 25) {
      AddEntry(argument);
    } else if (operation < 70) {
      Set(argument);
    } else if (operation < 80) {
      Delete(argument);
    } else if (operation < 90) {
      BeginOrFinish(argument);
    } else {
      ReadAnywhere(argument);
    }
    CHECK(table_.open_count() == pages_.size());
    CHECK(table_.bytes() == chunks_.size() * LabelTable::kChunkBytes);
    CHECK(table_.free_count() == chunks_.size() * LabelTable::kPagesPerChunk - pages_.size());
  }

  void CheckAll() const {
    for (const auto& [number, entry] : entries_) {
      CheckEntry(number, entry);
    }
  }

 private:
  using Words = std::vector<std::int32_t>;
  static constexpr std::size_t kMostPages = 8 * LabelTable::kPagesPerChunk;
  static constexpr std::size_t kSmall = 16;
  static constexpr std::size_t kLarge = Label::kTextBytes;

  struct ModelLabel {
    std::int32_t number = 0;
    std::int32_t key = 0;
    bool is_literal = false;
    bool is_deleted = false;
    bool is_being_written = false;
    std::size_t capacity = 0;
    std::string text;
  };

  struct Entry {
    std::int32_t time = 0;
    std::vector<ModelLabel> labels;  // the last one first
  };

  static std::int32_t PageOf(std::int32_t number) {
    return number / static_cast<std::int32_t>(LabelTable::kPageWords);
  }

  std::int32_t* At(std::int32_t number) {
    const std::int32_t place = table_.PlaceOf(PageOf(number));
    CHECK(place >= 0);
    const auto word = static_cast<std::size_t>(place);
    return chunks_.at(word / LabelTable::kChunkWords)->data() + word % LabelTable::kChunkWords +
           static_cast<std::size_t>(number) % LabelTable::kPageWords;
  }

  // Opens a page, or many: so that several chunks are in use.
  void Open() {
    for (int n = chunks_.size() % 2 == 0 ? 1 : 40; n > 0 && pages_.size() < kMostPages; --n) {
      if (table_.free_count() == 0) {
        CHECK(table_.Open() == 0);
        auto words = std::make_unique<Words>(LabelTable::kChunkWords, 0x78787878);
        const std::size_t chunk = table_.AddChunk(words->data());
        CHECK(chunks_.emplace(chunk, std::move(words)).second);
      }
      const std::int32_t page = table_.Open();
      CHECK(page > 0 && pages_.emplace(page, 0).second);
      most_ = std::max(most_, pages_.size());
      // A number that is free is used before another one is made.
      CHECK(static_cast<std::size_t>(page) <= most_);
    }
  }

  // Closes a page, or as many as may leave chunks mostly empty.
  void Close(std::uint32_t argument) {
    if (argument % 4 != 0) {
      CloseOne(argument);
      return;
    }
    for (std::uint32_t n = 0; n < 100; ++n) {
      CloseOne(argument / 4 + n * 7);
    }
  }

  // With a page all entries go that have something in it.
  void CloseOne(std::uint32_t argument) {
    if (pages_.empty()) {
      return;
    }
    const auto closed = std::next(pages_.begin(), static_cast<std::ptrdiff_t>(argument % pages_.size()));
    const std::int32_t page = closed->first;
    table_.Close(page);
    CHECK(table_.PlaceOf(page) == -1);
    for (auto at = entries_.begin(); at != entries_.end();) {
      const auto& [number, entry] = *at;
      const bool is_in = PageOf(number) == page;
      const bool is_gone =
          is_in || std::any_of(entry.labels.begin(), entry.labels.end(),
                               [page](const ModelLabel& label) { return PageOf(label.number) == page; });
      if (is_in) {
        CHECK(table_.TimeOf(number) == 0 && table_.Read(number, &read_) == 0);
      }
      at = is_gone ? entries_.erase(at) : std::next(at);
    }
    pages_.erase(closed);
  }

  // Moves pages, and frees the memory that is in use no longer: what is left is read as before.
  void Reclaim(std::uint32_t argument) {
    const bool is_much = table_.free_count() >= 2 * table_.reserve() + 2 * LabelTable::kPagesPerChunk;
    std::map<std::int32_t, std::int32_t> places;
    for (const auto& [page, used] : pages_) {
      places.emplace(page, table_.PlaceOf(page));
    }
    const std::vector<std::int32_t> moved = table_.Compact();
    CHECK(moved.empty() || is_much);
    const std::set<std::int32_t> others(moved.begin(), moved.end());
    CHECK(others.size() == moved.size());
    for (const auto& [page, place] : places) {
      CHECK((table_.PlaceOf(page) != place) == (others.count(page) == 1));
    }
    const std::size_t reserve = argument % 2 == 0 ? table_.reserve() : 0;
    for (const std::size_t chunk : table_.Trim(reserve)) {
      CHECK(chunks_.erase(chunk) == 1);
    }
    if (reserve > 0) {
      CHECK(table_.free_count() < 2 * reserve + 2 * LabelTable::kPagesPerChunk);
    }
    CheckAll();
  }

  // The number of so many words of some page, 0 if there is no room for them.
  std::int32_t Allocate(std::size_t words) {
    for (auto& [number, used] : pages_) {
      if (used + words <= LabelTable::kPageWords) {
        const std::size_t word = used;
        used += words;
        return static_cast<std::int32_t>(static_cast<std::size_t>(number) * LabelTable::kPageWords + word);
      }
    }
    return 0;
  }

  void AddEntry(std::uint32_t argument) {
    const std::int32_t number = Allocate(kEntryWords);
    if (number == 0) {
      Open();
      return;
    }
    Entry entry;
    entry.time = static_cast<std::int32_t>(argument);
    At(number)[0] = entry.time;
    At(number)[1] = 0;
    CHECK(entries_.emplace(number, std::move(entry)).second);
  }

  // An entry: mostly the first one, so that it comes to have many labels. nullptr if there is none.
  std::pair<const std::int32_t, Entry>* EntryOf(std::uint32_t argument) {
    if (entries_.empty()) {
      return nullptr;
    }
    const std::size_t index = argument / 4096 % 4 == 0 ? argument % entries_.size() : 0;
    return &*std::next(entries_.begin(), static_cast<std::ptrdiff_t>(index));
  }

  // The label of a key that counts, nullptr if there is none.
  static ModelLabel* LabelOf(Entry* entry, std::int32_t key) {
    const auto found = std::find_if(entry->labels.begin(), entry->labels.end(),
                                    [key](const ModelLabel& label) { return label.key == key; });
    return found == entry->labels.end() ? nullptr : &*found;
  }

  static std::int32_t KeyOf(std::uint32_t argument) {
    return static_cast<std::int32_t>(argument / 64 % LabelTable::kKeys);
  }

  // Writes a text over the label of a key, or adds one if there is none that has room for it.
  void Set(std::uint32_t argument) {
    auto* const found = EntryOf(argument);
    if (found == nullptr) {
      return;
    }
    auto& [number, entry] = *found;
    const std::int32_t key = KeyOf(argument);
    const std::string text(argument % (Label::kTextBytes + 1), static_cast<char>(argument / 7));
    ModelLabel* label = LabelOf(&entry, key);
    if (label == nullptr || text.size() > label->capacity) {
      const std::size_t capacity = label == nullptr && text.size() <= kSmall ? kSmall : kLarge;
      const std::int32_t place = Allocate(kLabelWords + capacity / sizeof(std::int32_t));
      if (place == 0) {
        Open();
        return;
      }
      ModelLabel added;
      added.number = place;
      added.key = key;
      added.capacity = capacity;
      At(place)[0] = entry.labels.empty() ? 0 : entry.labels.front().number;
      At(place)[2] = 0;
      entry.labels.insert(entry.labels.begin(), added);
      label = &entry.labels.front();
      At(number)[1] = place;
    }
    label->is_literal = argument % 3 == 0;
    label->is_deleted = false;
    label->is_being_written = false;
    label->text = text;
    std::int32_t* const words = At(label->number);
    words[1] = key | (label->is_literal ? LabelTable::kLiteral : 0);
    words[2] = (words[2] | 1) + 1;
    words[3] = static_cast<std::int32_t>(text.size());
    std::memcpy(words + kLabelWords, text.data(), text.size());
    CheckEntry(number, entry);
  }

  ModelLabel* AnyLabel(std::uint32_t argument) {
    auto* const found = EntryOf(argument);
    return found == nullptr ? nullptr : LabelOf(&found->second, KeyOf(argument));
  }

  void Delete(std::uint32_t argument) {
    if (ModelLabel* const label = AnyLabel(argument); label != nullptr) {
      At(label->number)[3] = -1;
      label->is_deleted = true;
    }
  }

  // Begins to write a label, or is done with it.
  void BeginOrFinish(std::uint32_t argument) {
    if (ModelLabel* const label = AnyLabel(argument); label != nullptr) {
      ++At(label->number)[2];
      label->is_being_written = !label->is_being_written;
    }
  }

  // Reads what may be no entry at all: nothing outside of the pages is touched, and what is said makes sense.
  void ReadAnywhere(std::uint32_t argument) const {
    const auto number = static_cast<std::int32_t>(
        argument % 4 == 0 ? argument * 0x9E3779B9U : argument % ((most_ + 2) * LabelTable::kPageWords));
    const std::size_t count = table_.Read(number, &read_);
    CHECK(count <= LabelTable::kKeys);
    std::set<std::int32_t> keys;
    for (std::size_t n = 0; n < count; ++n) {
      CHECK(read_[n].key >= 0 && static_cast<std::size_t>(read_[n].key) < LabelTable::kKeys);
      CHECK(read_[n].length <= Label::kTextBytes && keys.insert(read_[n].key).second);
    }
    CHECK(count == 0 || pages_.count(PageOf(number)) == 1);
  }

  void CheckEntry(std::int32_t number, const Entry& entry) const {
    CHECK(table_.TimeOf(number) == entry.time);
    const std::size_t count = table_.Read(number, &read_);
    std::size_t n = 0;
    std::set<std::int32_t> keys;
    for (const ModelLabel& label : entry.labels) {
      if (!keys.insert(label.key).second || label.is_deleted || label.is_being_written) {
        continue;
      }
      CHECK(n < count);
      CHECK(read_[n].key == label.key && read_[n].is_literal == label.is_literal);
      CHECK(std::string_view(read_[n].text.data(), read_[n].length) == label.text);
      ++n;
    }
    CHECK(n == count);
  }

  LabelTable table_;
  std::map<std::size_t, std::unique_ptr<Words>> chunks_;
  std::map<std::int32_t, std::size_t> pages_;  // how many words of each are used
  std::map<std::int32_t, Entry> entries_;
  std::size_t most_ = 0;
  mutable std::array<Label, LabelTable::kKeys> read_;
};

}  // namespace context

#endif  // CONTEXT_TEST_NATIVE_LABEL_MODEL_H_
