#ifndef CONTEXT_SRC_WATCHDOG_H_
#define CONTEXT_SRC_WATCHDOG_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "condition.h"
#include "thread.h"
#include "thread_probe.h"
#include "watched_loop.h"

namespace context {

// The thread that watches event loops, one per process. It runs while there are loops to watch. It allocates
// nothing, and has LineWriters write its reports, so that it never waits for a reader while other loops are
// blocked.
//
// The mutex is held while a loop is sampled, for microseconds. It is locked before the mutex of the loop's
// tables.
class Watchdog {
 public:
  // The watchdog of this process. A forked child gets a new one, which watches nothing.
  static Watchdog& Get();

  Watchdog() = default;
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  Watchdog(Watchdog&&) = delete;
  Watchdog& operator=(Watchdog&&) = delete;

  // Starts watching a loop. Returns false if a thread could not be created.
  bool Start(const std::shared_ptr<WatchedLoop>& loop);

  // Stops watching a loop, which this thread doesn't access any more when this returns, nor its memory.
  // Writes its buffered lines if the destination accepts them. Without loops, the thread ends.
  void Stop(const std::shared_ptr<WatchedLoop>& loop);

  // See WatchedLoop::Take and Peek.
  bool Take(WatchedLoop* loop, ReportedTurn* finished);
  bool Peek(WatchedLoop* loop, ReportedTurn* current);

  std::size_t size();

  // The monotonic clock, in nanoseconds.
  static std::int64_t Now();

  // The wall clock, in milliseconds since 1970.
  static std::int64_t WallMilliseconds();

 private:
  static void PrepareFork();
  static void AfterForkInParent();
  static void AfterForkInChild();

  void Run();

  // Samples each loop. Returns the time until the next sample.
  std::int64_t LookAtAll();

  // How late this sample is because the process or machine was stopped.
  std::int64_t FindGap(std::int64_t now);

  static void Report(WatchedLoop* loop);

  std::mutex mutex_;
  Condition wake_;  // wakes the thread
  std::vector<std::shared_ptr<WatchedLoop>> loops_;
  Thread thread_;
  std::mutex thread_mutex_;  // for starting and joining the thread; taken before mutex_
  bool is_stopping_ = false;

  // When the current fork locked the mutex, and for how long forks have held it since the last sample.
  std::int64_t forks_since_ = 0;
  std::int64_t forked_for_ = 0;

  // Used only by the thread.
  std::int64_t last_look_ = 0;
  std::int64_t planned_ = 0;
  std::int64_t last_queued_ = 0;
  std::optional<ThreadProbe> probe_;
};

}  // namespace context

#endif  // CONTEXT_SRC_WATCHDOG_H_
