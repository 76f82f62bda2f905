#ifndef CONTEXT_TEST_NATIVE_TEST_LOOP_H_
#define CONTEXT_TEST_NATIVE_TEST_LOOP_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "../../src/shared_word.h"
#include "../../src/watched_loop.h"

namespace context {

constexpr std::int64_t kMs = 1'000'000;

// A loop whose clocks a test sets, with the memory that JavaScript would have for it.
class Loop {
 public:
  explicit Loop(std::int64_t threshold, int fd = -1)
      : chunk_(FrameTable::kChunkBytes / 4), labels_(LabelTable::kChunkWords) {
    tables->frames.AddChunk(chunk_.data());
    page = tables->frames.Open();
    slot = tables->namespaces.Create(u"request \"\n");
    tables->namespaces.NameKey(slot, 0, "id");
    tables->labels.AddChunk(labels_.data());
    while (tables->labels.Open() != 0) {
    }
    WatchOptions options;
    options.threshold = threshold;
    options.interval = threshold;
    options.fd = fd;
    Probes probes;
    probes.idle_time = [this] { return is_waiting ? ++idle : idle.load(); };
    probes.cpu_time = [this] { return cpu.load(); };
    probes.is_paused = [this] { return is_paused.load(); };
    probes.request_stack = [this](std::int64_t) { ++stack_requests; };
    watched = std::make_shared<WatchedLoop>(options, probes, tables, &word, clock.data());
  }

  // Writes a frame of a context with one label, and a snapshot of it alone.
  std::int32_t AddFrame(std::int32_t serial, std::int32_t enclosing, const char* label) {
    const std::int32_t number = page * static_cast<std::int32_t>(FrameTable::kRecordsPerPage) + used_++;
    std::int32_t* words = chunk_.data() + static_cast<std::size_t>(number) * kRecordWords;
    const std::int32_t depth = enclosing == 0 ? 1 : tables->frames.Find(enclosing)->depth + 1;
    const std::array<std::int32_t, kRecordWords> record = {slot,   enclosing, depth,          serial,
                                                           number, 0,         AddLabel(label)};
    std::copy(record.begin(), record.end(), words);
    return number;
  }

  std::int32_t AddLabel(const char* text) {
    // Pages follow each other; no label is in two of them.
    constexpr auto kPageWords = static_cast<std::int32_t>(LabelTable::kPageWords);
    if (label_used_ % kPageWords + 6 + 8 > kPageWords) {
      label_used_ += kPageWords - label_used_ % kPageWords;
    }
    const auto first = static_cast<std::int32_t>(LabelTable::kPageWords) + label_used_;
    std::int32_t* words = labels_.data() + label_used_;
    const auto length = static_cast<std::int32_t>(std::strlen(text));
    const std::array<std::int32_t, 6> head = {1, first + 2, 0, 0, 0, length};
    std::copy(head.begin(), head.end(), words);
    std::memcpy(words + head.size(), text, static_cast<std::size_t>(length));
    label_used_ += 6 + 8;
    return first;
  }

  // Writes over the text of a label, as JavaScript does.
  void Rewrite(std::int32_t label, char character) {
    std::int32_t* words = labels_.data() + label - static_cast<std::int32_t>(LabelTable::kPageWords) + 2;
    std::int32_t text = 0;
    std::memset(&text, character, sizeof(text));
    const std::int32_t version = LoadWord(words + 2);
    StoreWord(words + 2, version + 1, std::memory_order_seq_cst);
    for (int n = 0; n < 8; ++n) {
      StoreWord(words + 4 + n, text, std::memory_order_seq_cst);
    }
    StoreWord(words + 3, 32, std::memory_order_seq_cst);
    StoreWord(words + 2, version + 2, std::memory_order_seq_cst);
  }

  void Activate(std::int32_t record) { StoreWord(&word, record, std::memory_order_seq_cst); }

  // Looks every millisecond from one time to another. Returns how many lines there were to be written.
  int Look(std::int64_t from, std::int64_t to) {
    int lines = 0;
    for (std::int64_t now = from; now <= to; now += kMs) {
      lines += watched->Sample(now, 1'700'000'000'123, 0) ? 1 : 0;
    }
    return lines;
  }

  std::string_view line() const { return watched->line().text(); }
  bool Has(std::string_view text) const { return line().find(text) != std::string_view::npos; }

  std::shared_ptr<Tables> tables = std::make_shared<Tables>();
  std::int32_t word = 0;
  std::array<std::int32_t, kClockWords> clock{};
  std::int32_t page = 0;
  std::int32_t slot = 0;
  std::atomic<std::int64_t> idle{0};
  std::atomic<std::int64_t> cpu{0};
  std::atomic<bool> is_waiting{false};
  std::atomic<bool> is_paused{false};
  std::atomic<int> stack_requests{0};
  std::shared_ptr<WatchedLoop> watched;

 private:
  std::vector<std::int32_t> chunk_;
  std::vector<std::int32_t> labels_;
  std::int32_t used_ = 0;
  std::int32_t label_used_ = 0;
};

}  // namespace context

#endif  // CONTEXT_TEST_NATIVE_TEST_LOOP_H_
