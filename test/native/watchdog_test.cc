// Unit tests of the watchdog, without Node.js: what it says of a loop whose clocks the test sets, and, for
// ThreadSanitizer, threads that do all at once that threads of a process may do. A check that fails ends the
// program with its line.

#include "../../src/watchdog.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "../../src/line_writer.h"
#include "../../src/shared_word.h"
#include "check.h"

namespace context {
namespace {

constexpr std::int64_t kMs = 1'000'000;

// A loop, with the memory that JavaScript would have for it.
class Loop {
 public:
  explicit Loop(std::int64_t threshold, int fd = -1)
      : chunk_(FrameTable::kChunkBytes / 4), page_(LabelTable::kPageWords) {
    tables->frames.AddChunk(chunk_.data());
    page = tables->frames.Open();
    slot = tables->namespaces.Create(u"request \"\n");
    tables->namespaces.NameKey(slot, 0, "id");
    tables->labels.Open(page_.data());
    WatchOptions options;
    options.threshold = threshold;
    options.interval = threshold;
    options.fd = fd;
    Probes probes;
    probes.idle_time = [this] { return idle.load(); };
    probes.cpu_time = [this] { return cpu.load(); };
    probes.is_paused = [this] { return is_paused.load(); };
    probes.request_stack = [this](std::int64_t) { ++stack_requests; };
    watched = std::make_shared<WatchedLoop>(options, probes, tables, &word, &clock);
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
    const auto first = static_cast<std::int32_t>(LabelTable::kPageWords) + label_used_;
    std::int32_t* words = page_.data() + label_used_;
    const auto length = static_cast<std::int32_t>(std::strlen(text));
    const std::array<std::int32_t, 6> head = {1, first + 2, 0, 0, 0, length};
    std::copy(head.begin(), head.end(), words);
    std::memcpy(words + head.size(), text, static_cast<std::size_t>(length));
    label_used_ += 6 + 8;
    return first;
  }

  // Writes over the text of a label, as JavaScript does.
  void Rewrite(std::int32_t label, char character) {
    std::int32_t* words = page_.data() + label - static_cast<std::int32_t>(LabelTable::kPageWords) + 2;
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
  std::int32_t clock = 0;
  std::int32_t page = 0;
  std::int32_t slot = 0;
  std::atomic<std::int64_t> idle{0};
  std::atomic<std::int64_t> cpu{0};
  std::atomic<bool> is_paused{false};
  std::atomic<int> stack_requests{0};
  std::shared_ptr<WatchedLoop> watched;

 private:
  std::vector<std::int32_t> chunk_;
  std::vector<std::int32_t> page_;
  std::int32_t used_ = 0;
  std::int32_t label_used_ = 0;
};

void ATurnIsReportedWhenItHasLastedForTheThresholdAndAgainAtGrowingIntervals() {
  Loop loop(100 * kMs);
  const std::int32_t outer = loop.AddFrame(1, 0, "a\"\x1b");
  loop.Activate(loop.AddFrame(2, outer, "b"));
  loop.watched->BeginTurn(1000 * kMs);
  CHECK(loop.Look(1000 * kMs, 1099 * kMs) == 0);
  loop.cpu = 77 * kMs;
  CHECK(loop.Look(1100 * kMs, 1100 * kMs) == 1);
  const std::string expected =
      R"({"event":"context.blocked","time":"2023-11-14T22:13:20.123Z","pid":0,"thread":0,"duration":100.0,"cpu":77.0,)"
      R"("report":1,"namespaces":[{"name":"request \"\u000a","contexts":[{"serial":1,"age":1099,"labels":{"id":"a\"\u001b"}},)"
      R"({"serial":2,"age":1099,"labels":{"id":"b"}}],"shares":[{"share":1,"serial":2,"age":1099,"labels":{"id":"b"}}]}])";
  CHECK(loop.line() == expected);
  CHECK(loop.Look(1101 * kMs, 1199 * kMs) == 0 && loop.Look(1200 * kMs, 1200 * kMs) == 1);
  CHECK(loop.Look(1201 * kMs, 1399 * kMs) == 0 && loop.Look(1400 * kMs, 1400 * kMs) == 1);
  CHECK(loop.Look(1401 * kMs, 1799 * kMs) == 0 && loop.Look(1800 * kMs, 1800 * kMs) == 1);
  CHECK(loop.watched->BeginTurn(1850 * kMs));
  FinishedTurn finished;
  CHECK(loop.watched->Take(&finished) && finished.duration == 850 * kMs && finished.cpu == 77 * kMs);
  CHECK(!loop.watched->Take(&finished) && !loop.watched->BeginTurn(1851 * kMs));
}

void WhatALoopWaitsDoesNotCountAndShortTurnsAreNotReported() {
  Loop loop(100 * kMs);
  loop.watched->BeginTurn(0);
  for (std::int64_t now = 0; now < 1000 * kMs; now += kMs) {
    loop.idle = now;  // it waits
    CHECK(!loop.watched->Sample(now, 0, 0));
  }
  loop.idle = 1000 * kMs;
  // Each of these is shorter than the threshold.
  for (std::int64_t now = 1000 * kMs; now < 2000 * kMs; now += kMs) {
    if (now % (90 * kMs) == 0) {
      CHECK(!loop.watched->BeginTurn(now));
    }
    CHECK(!loop.watched->Sample(now, 0, 0));
  }
  // What begins after a wait of 5 seconds in the same turn.
  loop.watched->BeginTurn(2000 * kMs);
  loop.idle = 6000 * kMs;
  CHECK(loop.Look(7000 * kMs, 7099 * kMs) == 0 && loop.Look(7100 * kMs, 7100 * kMs) == 1);
}

void EachContextThatWasSeenHasItsShare() {
  Loop loop(1000 * kMs);
  const std::int32_t one = loop.AddFrame(1, 0, "one");
  const std::int32_t two = loop.AddFrame(2, 0, "two");
  const std::int32_t rare = loop.AddFrame(3, 0, "rare");
  loop.watched->BeginTurn(0);
  for (std::int64_t now = 0; now < 999; ++now) {
    loop.Activate(now % 4 == 0 ? one : now % 4 == 3 ? 0 : now < 20 ? rare : two);
    CHECK(!loop.watched->Sample(now * kMs, 0, 0));
  }
  loop.Activate(0);
  CHECK(loop.watched->Sample(1000 * kMs, 0, 0));
  CHECK(loop.Has(R"("contexts":[],"shares":[{"share":0.49)"));
  CHECK(loop.Has(R"(,"serial":2,"age":999,"labels":{"id":"two"}},{"share":0.2)"));
  CHECK(loop.Has(R"(,"serial":1,"age":999,"labels":{"id":"one"}}]}])"));
  CHECK(!loop.Has("rare"));
}

void TimeInWhichTheProcessOrTheThreadWasPausedDoesNotCount() {
  Loop loop(100 * kMs);
  loop.watched->BeginTurn(0);
  CHECK(loop.Look(0, 50 * kMs) == 0);
  CHECK(!loop.watched->Sample(10'000 * kMs, 0, 9950 * kMs));
  CHECK(loop.Look(10'001 * kMs, 10'049 * kMs) == 0);
  loop.is_paused = true;
  CHECK(loop.Look(10'050 * kMs, 20'000 * kMs) == 0);
  loop.is_paused = false;
  CHECK(loop.Look(20'001 * kMs, 20'100 * kMs) == 1);
  CHECK(loop.watched->BeginTurn(20'100 * kMs));
  FinishedTurn finished;
  CHECK(loop.watched->Take(&finished) && finished.duration < 200 * kMs);
  // It was suspended in a turn that had not been looked at before.
  loop.watched->BeginTurn(20'101 * kMs);
  CHECK(!loop.watched->Sample(60'000 * kMs, 0, 39'890 * kMs));
  CHECK(loop.Look(60'001 * kMs, 60'080 * kMs) == 0);
}

void ALineThatIsTooLongIsCutToWholeThings() {
  Loop loop(500 * kMs);
  const std::string text(32, '\x01');  // six characters for each
  std::vector<std::int32_t> frames;
  for (std::int32_t n = 1; n <= 60; ++n) {
    frames.push_back(loop.AddFrame(n, 0, text.c_str()));
  }
  loop.watched->BeginTurn(0);
  for (std::int64_t now = 0; now < 500; ++now) {
    loop.Activate(frames[static_cast<std::size_t>(now) % frames.size()]);
    loop.watched->Sample(now * kMs, 0, 0);
  }
  CHECK(loop.watched->Sample(500 * kMs, 0, 0));
  const std::string_view line = loop.line();
  CHECK(line.size() > 10'000 && line.size() < JsonLine::kCapacity);
  CHECK(line.substr(line.size() - 5) == "}}]}]");
}

void APipeThatNobodyReadsIsGivenUp() {
  std::array<int, 2> ends{};
  CHECK(pipe(ends.data()) == 0);
  const std::atomic<bool> no{false};
  const std::string text(100'000, 'x');
  CHECK(WriteTo(ends[1], text, no) == EAGAIN);
  CHECK(WriteTo(-1, "x", no) != 0);
  close(ends[0]);
  close(ends[1]);
  const int full = open("/dev/full", O_WRONLY);
  CHECK(full < 0 || WriteTo(full, "x", no) == ENOSPC);
}

// Threads with loops of their own that run turns, switch contexts, write labels, open and close pages, and
// start and stop to be watched, all at once.
void ThreadsDoAllAtOnce(int rounds) {
  const int fd = open("/dev/null", O_WRONLY);
  std::vector<std::thread> threads;
  std::atomic<int> reported{0};
  for (int n = 0; n < 4; ++n) {
    threads.emplace_back([&reported, fd, n, rounds] {
      for (int round = 0; round < rounds; ++round) {
        Loop loop(2 * kMs, fd);
        const std::int32_t outer = loop.AddFrame(1, 0, "outer");
        const std::int32_t inner = loop.AddFrame(2, outer, "inner");
        const std::int32_t label = loop.tables->frames.Find(inner)->labels;
        loop.Activate(inner);
        loop.watched->BeginTurn(Watchdog::Now());
        Watchdog::Get().Start(loop.watched);
        for (int turn = 0; turn < 3; ++turn) {
          const std::int64_t end = Watchdog::Now() + (n + 2) * kMs;
          while (Watchdog::Now() < end) {
            loop.Activate(inner);
            loop.Rewrite(label, 'x');
            loop.Activate(outer);
            const std::lock_guard<std::mutex> guard(loop.tables->mutex);
            loop.tables->frames.Close(loop.tables->frames.Open());
            loop.tables->namespaces.Release(loop.tables->namespaces.Create(u"other"));
          }
          FinishedTurn finished;
          if (loop.watched->BeginTurn(Watchdog::Now()) &&
              Watchdog::Get().Take(loop.watched.get(), &finished)) {
            ++reported;
            CHECK(finished.line.text().find(R"("id":)") != std::string_view::npos);
          }
        }
        Watchdog::Get().Stop(loop.watched);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  close(fd);
  CHECK(Watchdog::Get().size() == 0);
  CHECK(reported > 0);
}

}  // namespace
}  // namespace context

int main() {
  context::ATurnIsReportedWhenItHasLastedForTheThresholdAndAgainAtGrowingIntervals();
  context::WhatALoopWaitsDoesNotCountAndShortTurnsAreNotReported();
  context::EachContextThatWasSeenHasItsShare();
  context::TimeInWhichTheProcessOrTheThreadWasPausedDoesNotCount();
  context::ALineThatIsTooLongIsCutToWholeThings();
  context::APipeThatNobodyReadsIsGivenUp();
  context::ThreadsDoAllAtOnce(30);
  return 0;
}
