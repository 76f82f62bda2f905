// Unit tests of the watchdog, without Node.js: what it says of a loop whose clocks the test sets, and threads
// that do all at once that threads of a process may do. A check that fails ends the program with its line.

#include "../../src/watchdog.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "check.h"
#include "test_loop.h"

namespace context {
namespace {

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
  ReportedTurn finished;
  CHECK(loop.watched->Take(&finished) && finished.duration == 850 * kMs && finished.cpu == 77 * kMs);
  CHECK(!loop.watched->Take(&finished) && !loop.watched->BeginTurn(1851 * kMs));
}

void ATurnThatIsNotOverIsReportedOnDemandOnceThatWasWritten() {
  Loop loop(100 * kMs);
  loop.Activate(loop.AddFrame(1, 0, "a"));
  loop.watched->BeginTurn(0);
  ReportedTurn turn;
  CHECK(loop.Look(0, 99 * kMs) == 0 && !loop.watched->Peek(99 * kMs, 0, &turn));
  CHECK(loop.clock[1] == 1);
  CHECK(loop.Look(100 * kMs, 100 * kMs) == 1);
  const std::string written(loop.line());
  loop.Activate(loop.AddFrame(2, 0, "b"));
  loop.Look(101 * kMs, 150 * kMs);
  CHECK(loop.watched->Peek(160 * kMs, 0, &turn) && turn.duration == 160 * kMs);
  CHECK(turn.slots.count == 1 && turn.slots.slots[0] == loop.slot);
  CHECK(turn.line.text().find(R"("duration":160.0,)") != std::string_view::npos);
  CHECK(turn.line.text().find(R"("report":1,)") != std::string_view::npos);
  CHECK(turn.line.text().find(R"("contexts":[{"serial":2,)") != std::string_view::npos);
  // The turn that is over has what was written.
  CHECK(loop.line() == written && loop.watched->BeginTurn(170 * kMs));
  CHECK(!loop.watched->Peek(170 * kMs, 0, &turn));
  CHECK(loop.watched->Take(&turn) && turn.line.text() == written && turn.duration == 170 * kMs);
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

void AWaitThatASignalEndsDoesNotCount() {
  Loop loop(100 * kMs);
  loop.watched->BeginTurn(0);
  loop.is_waiting = true;
  std::int64_t begin = 0;
  for (std::int64_t now = 0; now < 5000 * kMs; now += 10 * kMs) {
    if (now % (900 * kMs) == 0) {
      begin = now;  // what was waited until here is forgotten, and the loop waits on
    }
    loop.idle = now - begin;
    CHECK(!loop.watched->Sample(now, 0, 0));
  }
  // A signal that the loop hears, and a callback of 100 ms without a processor. Of the time between the looks
  // what had one counts, the first 6 ms.
  loop.is_waiting = false;
  loop.idle = 0;
  loop.cpu = 6 * kMs;
  CHECK(loop.Look(5000 * kMs, 5093 * kMs) == 0);
  CHECK(loop.Look(5094 * kMs, 5094 * kMs) == 1);
  CHECK(loop.watched->BeginTurn(5100 * kMs));
  ReportedTurn finished;
  CHECK(loop.watched->Take(&finished) && finished.duration == 106 * kMs);
  // The turn after it is one like any other.
  CHECK(loop.Look(5101 * kMs, 5199 * kMs) == 0 && loop.Look(5200 * kMs, 5200 * kMs) == 1);
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

void WhatIsNotKnownIsNobodysAndTheLineSaysHowMuchItIs() {
  Loop loop(1000 * kMs);
  const std::int32_t one = loop.AddFrame(1, 0, "one");
  loop.Activate(kUnknownRecord);
  loop.watched->BeginTurn(0);
  CHECK(loop.Look(0, 1000 * kMs) == 1);
  CHECK(loop.Has(R"("report":1,"unknown":1,"namespaces":[])"));
  // The rest of the turn is known: half of it has a context, which is over when it is reported.
  loop.watched->BeginTurn(1000 * kMs);
  ReportedTurn finished;
  CHECK(loop.watched->Take(&finished));
  for (std::int64_t now = 0; now < 1000; ++now) {
    loop.Activate(now % 4 == 0 ? 0 : now % 4 == 1 ? kUnknownRecord : one);
    CHECK(!loop.watched->Sample((1000 + now) * kMs, 0, 0));
  }
  loop.Activate(0);
  CHECK(loop.watched->Sample(2000 * kMs, 0, 0));
  CHECK(loop.Has(
      R"("unknown":0.250,"namespaces":[{"name":"request \"\u000a","contexts":[],"shares":[{"share":0.5)"));
  // Less than one percent is left out, but if it is now.
  loop.watched->BeginTurn(2000 * kMs);
  CHECK(loop.watched->Take(&finished));
  loop.Activate(one);
  CHECK(loop.Look(2000 * kMs, 2990 * kMs) == 0);
  loop.Activate(kUnknownRecord);
  CHECK(loop.Look(2991 * kMs, 2992 * kMs) == 0);
  loop.Activate(one);
  CHECK(loop.Look(2993 * kMs, 3000 * kMs) == 1 && !loop.Has("unknown") &&
        loop.Has(R"({"share":0.998,"serial":1)"));
  loop.Activate(kUnknownRecord);
  CHECK(loop.Look(3001 * kMs, 4000 * kMs) == 1 && loop.Has(R"("unknown":0.50)"));
  loop.watched->BeginTurn(4000 * kMs);
  CHECK(loop.watched->Take(&finished));
  loop.Activate(one);
  CHECK(loop.Look(4000 * kMs, 4999 * kMs) == 0);
  loop.Activate(kUnknownRecord);
  CHECK(loop.Look(5000 * kMs, 5000 * kMs) == 1 && loop.Has(R"("unknown":0.001,"namespaces":[{)"));
}

void TimeInWhichTheProcessOrTheThreadWasPausedDoesNotCount() {
  Loop loop(100 * kMs);
  loop.watched->BeginTurn(0);
  CHECK(loop.Look(0, 50 * kMs) == 0);
  CHECK(!loop.watched->Sample(10'000 * kMs, 0, 9950 * kMs));
  CHECK(loop.Look(10'001 * kMs, 10'040 * kMs) == 0);
  loop.is_paused = true;
  ++loop.cpu;
  CHECK(loop.Look(10'041 * kMs, 20'000 * kMs) == 0);
  loop.is_paused = false;
  ++loop.cpu;
  CHECK(loop.Look(20'001 * kMs, 20'100 * kMs) == 1);
  CHECK(loop.watched->BeginTurn(20'100 * kMs));
  ReportedTurn finished;
  CHECK(loop.watched->Take(&finished) && finished.duration < 200 * kMs);
  // It was suspended in a turn that had not been looked at before.
  loop.watched->BeginTurn(20'101 * kMs);
  CHECK(!loop.watched->Sample(60'000 * kMs, 0, 39'890 * kMs));
  CHECK(loop.Look(60'001 * kMs, 60'080 * kMs) == 0);
}

void InAGapTheTimeCountsThatTheThreadHadOfAProcessor() {
  Loop loop(1000 * kMs);
  loop.watched->BeginTurn(0);
  CHECK(loop.Look(0, 100 * kMs) == 0);
  // The watchdog had to wait, the loop's thread had to wait less.
  loop.cpu = 800 * kMs;
  CHECK(!loop.watched->Sample(1200 * kMs, 0, 1090 * kMs));
  CHECK(loop.Look(1201 * kMs, 1299 * kMs) == 0 && loop.Look(1300 * kMs, 1300 * kMs) == 1);
  loop.watched->BeginTurn(2000 * kMs);
  ReportedTurn finished;
  CHECK(loop.watched->Take(&finished) && finished.duration == 1700 * kMs);
  // What it was meant to look away for counts, whatever the thread did.
  CHECK(loop.Look(2000 * kMs, 2100 * kMs) == 0);
  CHECK(!loop.watched->Sample(2700 * kMs, 0, 400 * kMs));
  CHECK(loop.Look(2701 * kMs, 3399 * kMs) == 0 && loop.Look(3400 * kMs, 3400 * kMs) == 1);
  loop.watched->BeginTurn(4000 * kMs);
  CHECK(loop.watched->Take(&finished));
  // Without a gap all of it counts.
  CHECK(loop.Look(4000 * kMs, 4999 * kMs) == 0 && loop.Look(5000 * kMs, 5000 * kMs) == 1);
}

void AShortStopDoesNotCountEither() {
  Loop loop(100 * kMs);
  loop.watched->BeginTurn(0);
  CHECK(loop.Look(0, kMs) == 0);
  // Both threads were stopped; once more, while the loop's thread had a processor.
  CHECK(!loop.watched->Sample(156 * kMs, 0, 150 * kMs));
  CHECK(loop.Look(157 * kMs, 200 * kMs) == 0);
  loop.cpu = 20 * kMs;
  CHECK(!loop.watched->Sample(300 * kMs, 0, 99 * kMs));
  CHECK(loop.Look(301 * kMs, 329 * kMs) == 0 && loop.Look(330 * kMs, 330 * kMs) == 1);
}

void TheInnermostContextsAreNamedIfThereIsNoRoomForAll() {
  Loop loop(100 * kMs);
  const std::string text(32, '\x01');  // six characters for each
  std::int32_t frame = 0;
  for (std::int32_t n = 1; n <= 40; ++n) {
    frame = loop.AddFrame(n, frame, text.c_str());
  }
  loop.Activate(frame);
  loop.watched->BeginTurn(0);
  CHECK(loop.Look(0, 100 * kMs) == 1);
  CHECK(loop.line().size() < JsonLine::kCapacity && !loop.Has(R"("serial":9,)"));
  for (std::int32_t n = 12; n <= 40; ++n) {
    CHECK(loop.Has("{\"serial\":" + std::to_string(n) + R"(,"age":99,"labels":{"id":"\u0001\u0001)"));
  }
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

// How late a thread begins that the core starts, in milliseconds.
std::atomic<int> thread_delay{0};

#ifdef __linux__

struct LateThread {
  void* (*run)(void* data);
  void* data;
  int delay;
};

void* RunLate(void* data) {
  const std::unique_ptr<LateThread> thread(static_cast<LateThread*>(data));
  std::this_thread::sleep_for(std::chrono::milliseconds(thread->delay));
  return thread->run(thread->data);
}

void AThreadThatBeginsLateCountsNoTimeInWhichItDidNotLook() {
  Loop loop(300 * kMs);
  std::atomic<int> looks{0};
  std::atomic<bool> goes_on{false};
  Probes probes;
  probes.idle_time = [] { return std::int64_t{0}; };
  // The second look waits until the test has seen what the first one did.
  probes.cpu_time = [&looks, &goes_on] {
    if (++looks == 2) {
      while (!goes_on) {
      }
    }
    return std::int64_t{0};
  };
  probes.is_paused = [] { return false; };
  probes.request_stack = [](std::int64_t) {};
  WatchOptions options;
  options.threshold = 300 * kMs;
  const auto watched =
      std::make_shared<WatchedLoop>(options, probes, loop.tables, &loop.word, loop.clock.data());
  watched->BeginTurn(Watchdog::Now());
  thread_delay = 900;
  CHECK(Watchdog::Get().Start(watched));
  thread_delay = 0;
  while (looks < 2) {
  }
  CHECK(!watched->BeginTurn(Watchdog::Now()));
  goes_on = true;
  Watchdog::Get().Stop(watched);
}

#endif

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
          ReportedTurn finished;
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
  CHECK(Watchdog::Get().size() == 0 && reported > 0);
}

// Whether threads may be started after a fork: ThreadSanitizer ends the process then.
#ifdef __SANITIZE_THREAD__
constexpr bool kThreadsAfterFork = false;
#else
constexpr bool kThreadsAfterFork = true;
#endif

// Has a loop watched until a turn of it was reported.
void WaitForReport() {
  Loop loop(2 * kMs);
  loop.watched->BeginTurn(Watchdog::Now());
  Watchdog::Get().Start(loop.watched);
  ReportedTurn finished;
  do {
    const std::int64_t end = Watchdog::Now() + 5 * kMs;
    while (Watchdog::Now() < end) {
    }
  } while (!loop.watched->BeginTurn(Watchdog::Now()) || !Watchdog::Get().Take(loop.watched.get(), &finished));
  Watchdog::Get().Stop(loop.watched);
}

// Forks again and again, while loops are looked at and lines are written.
void AForkedChildWatchesNothingAndMayBeginAnew() {
  const int fd = open("/dev/null", O_WRONLY);
  Loop loop(kMs, fd);
  loop.watched->BeginTurn(Watchdog::Now());
  Watchdog::Get().Start(loop.watched);
  for (int n = 0; n < 50; ++n) {
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      alarm(60);
      CHECK(Watchdog::Get().size() == 0);
      // What the child has of its parent's is stopped as if it were watched.
      loop.watched->BeginTurn(Watchdog::Now());
      Watchdog::Get().Stop(loop.watched);
      if (kThreadsAfterFork) {
        WaitForReport();
      }
      _exit(7);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7);
    CHECK(Watchdog::Get().size() == 1);
  }
  Watchdog::Get().Stop(loop.watched);
  WaitForReport();
  close(fd);
}

}  // namespace
}  // namespace context

#ifdef __linux__

// The linker has the core call this one for pthread_create.
extern "C" int __real_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                                     void* data);

extern "C" int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                                     void* data) {
  if (context::thread_delay == 0) {
    return __real_pthread_create(thread, attributes, run, data);
  }
  auto late = std::make_unique<context::LateThread>(context::LateThread{run, data, context::thread_delay});
  const int error = __real_pthread_create(thread, attributes, context::RunLate, late.get());
  if (error == 0) {
    static_cast<void>(late.release());
  }
  return error;
}

#endif

int main() {
  context::ATurnIsReportedWhenItHasLastedForTheThresholdAndAgainAtGrowingIntervals();
  context::WhatALoopWaitsDoesNotCountAndShortTurnsAreNotReported();
  context::AWaitThatASignalEndsDoesNotCount();
  context::ATurnThatIsNotOverIsReportedOnDemandOnceThatWasWritten();
  context::EachContextThatWasSeenHasItsShare();
  context::WhatIsNotKnownIsNobodysAndTheLineSaysHowMuchItIs();
  context::TimeInWhichTheProcessOrTheThreadWasPausedDoesNotCount();
  context::InAGapTheTimeCountsThatTheThreadHadOfAProcessor();
#ifdef __linux__
  context::AThreadThatBeginsLateCountsNoTimeInWhichItDidNotLook();
#endif
  context::AShortStopDoesNotCountEither();
  context::TheInnermostContextsAreNamedIfThereIsNoRoomForAll();
  context::ALineThatIsTooLongIsCutToWholeThings();
  context::ThreadsDoAllAtOnce(30);
  context::AForkedChildWatchesNothingAndMayBeginAnew();
  return 0;
}
