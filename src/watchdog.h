#ifndef CONTEXT_SRC_WATCHDOG_H_
#define CONTEXT_SRC_WATCHDOG_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "thread.h"
#include "thread_probe.h"
#include "watched_loop.h"

namespace context {

// The one thread of a process that watches event loops. It runs while there is a loop to be watched. It
// allocates nothing, and has a line written as soon as a loop is blocked. It writes none itself, so that it
// waits for no reader, see LineWriter: other loops are blocked meanwhile.
//
// Its mutex is held while a loop is looked at, for microseconds. Where both are needed, this mutex is taken
// before that of the loop's tables.
class Watchdog {
 public:
  // The one of this process. After a fork the child has another one, which watches nothing.
  static Watchdog& Get();

  Watchdog() = default;
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  Watchdog(Watchdog&&) = delete;
  Watchdog& operator=(Watchdog&&) = delete;

  // Watches a loop from here on. Says whether it does: the system may have no thread to give.
  bool Start(const std::shared_ptr<WatchedLoop>& loop);

  // Watches a loop no longer: it, and the memory that it knows, are not touched any more once this returns.
  // Lines of it that wait are written if their destination takes them. If it was the last one, the thread has
  // ended.
  void Stop(const std::shared_ptr<WatchedLoop>& loop);

  // What is to be told of a loop's turn that is over, see WatchedLoop.
  bool Take(WatchedLoop* loop, FinishedTurn* finished);

  // How many loops are watched.
  std::size_t size();

  // What the time is, in nanoseconds, of the clock that does not go back.
  static std::int64_t Now();

  // What the time is, in milliseconds since 1970.
  static std::int64_t WallMilliseconds();

 private:
  static void PrepareFork();
  static void AfterForkInParent();
  static void AfterForkInChild();

  void Run();

  // Looks at each loop. Returns how long to look away.
  std::int64_t LookAtAll();

  // How much later than it wanted the thread looks, because the process was stopped, or the machine.
  std::int64_t FindGap(std::int64_t now);

  static void Report(WatchedLoop* loop);

  std::mutex mutex_;
  std::condition_variable wake_;  // the thread: there is something to do
  std::vector<std::shared_ptr<WatchedLoop>> loops_;
  Thread thread_;
  std::mutex thread_mutex_;  // for starting and joining the thread; taken before mutex_
  bool is_stopping_ = false;

  // Since when a fork holds the mutex, and for how long forks held it since the last look.
  std::int64_t forks_since_ = 0;
  std::int64_t forked_for_ = 0;

  // The thread's own, once it was started.
  std::int64_t last_look_ = 0;
  std::int64_t planned_ = 0;
  std::int64_t last_queued_ = 0;
  std::optional<ThreadProbe> probe_;
};

}  // namespace context

#endif  // CONTEXT_SRC_WATCHDOG_H_
