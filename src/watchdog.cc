#include "watchdog.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string_view>
#include <utility>

#include "line_writer.h"

#ifndef _WIN32
#include <pthread.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): pthread_sigmask is in this one
#endif

namespace context {

namespace {

// A thread that is woken so much later than it wanted was not just short of CPU time: the process was
// stopped.
constexpr std::int64_t kGap = 250'000'000;

std::unique_ptr<Watchdog>& Holder() {
  static std::unique_ptr<Watchdog> holder = std::make_unique<Watchdog>();
  return holder;
}

std::int64_t WallMilliseconds() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

}  // namespace

Watchdog& Watchdog::Get() {
#ifndef _WIN32
  static const int handlers = pthread_atfork(PrepareFork, AfterForkInParent, AfterForkInChild);
  static_cast<void>(handlers);
#endif
  return *Holder();
}

// While the mutex is held the thread is nowhere in the middle: no table's mutex is held by it.
void Watchdog::PrepareFork() { Holder()->mutex_.lock(); }

void Watchdog::AfterForkInParent() { Holder()->mutex_.unlock(); }

// The child has no such thread. It cannot be joined, so what holds it is left alone.
void Watchdog::AfterForkInChild() {
  Watchdog* const left = Holder().release();
  left->mutex_.unlock();
  Holder() = std::make_unique<Watchdog>();
}

std::int64_t Watchdog::Now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

Watchdog::~Watchdog() {
  // The process ends with loops that are watched.
  const std::lock_guard<std::mutex> guard(thread_mutex_);
  {
    const std::lock_guard<std::mutex> inner(mutex_);
    is_stopping_ = true;
    for (const auto& loop : loops_) {
      loop->is_cancelled = true;
    }
  }
  wake_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Watchdog::Start(std::shared_ptr<WatchedLoop> loop) {
  const std::lock_guard<std::mutex> guard(thread_mutex_);
  {
    const std::lock_guard<std::mutex> inner(mutex_);
    loops_.push_back(std::move(loop));
  }
  if (thread_.joinable()) {
    wake_.notify_all();
    return;
  }
  is_stopping_ = false;
#ifdef _WIN32
  thread_ = std::thread([this] { Run(); });
#else
  // Signals are for the program's own threads.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { Run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
#ifdef __linux__
  pthread_setname_np(thread_.native_handle(), "context-watch");
#endif
#endif
}

void Watchdog::Stop(const std::shared_ptr<WatchedLoop>& loop) {
  const std::lock_guard<std::mutex> guard(thread_mutex_);
  loop->is_cancelled = true;
  std::unique_lock<std::mutex> lock(mutex_);
  loops_.erase(std::remove(loops_.begin(), loops_.end(), loop), loops_.end());
  written_.wait(lock, [this, &loop] { return writing_ != loop.get(); });
  if (!loops_.empty() || !thread_.joinable()) {
    return;
  }
  is_stopping_ = true;
  lock.unlock();
  wake_.notify_all();
  thread_.join();
}

bool Watchdog::Take(WatchedLoop* loop, FinishedTurn* finished) {
  const std::lock_guard<std::mutex> guard(mutex_);
  return loop->Take(finished);
}

std::size_t Watchdog::size() {
  const std::lock_guard<std::mutex> guard(mutex_);
  return loops_.size();
}

void Watchdog::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  last_look_ = Now();
  planned_ = 0;
  while (!is_stopping_) {
    planned_ = LookAtAll(&lock);
    if (planned_ > 0 && !is_stopping_) {
      wake_.wait_for(lock, std::chrono::nanoseconds(planned_));
    }
  }
}

std::int64_t Watchdog::LookAtAll(std::unique_lock<std::mutex>* lock) {
  const std::int64_t now = Now();
  const std::int64_t late = now - last_look_ - planned_;
  const std::int64_t gap = late > kGap ? late : 0;
  last_look_ = now;
  const std::int64_t wall_milliseconds = WallMilliseconds();
  std::int64_t period = INT64_MAX;
  std::shared_ptr<WatchedLoop> blocked;
  for (const std::shared_ptr<WatchedLoop>& loop : loops_) {
    // The first one writes its line at once. The others are looked at again right after that; only of a gap
    // they must hear now.
    if (blocked == nullptr || gap > 0) {
      const bool has_line = loop->Sample(now, wall_milliseconds, gap);
      blocked = has_line ? loop : blocked;
      if (loop->wants_stack.exchange(false)) {
        loop->probes().request_stack(loop->turn());
      }
      period = std::min(period, loop->period());
    }
  }
  if (blocked == nullptr) {
    return period == INT64_MAX ? kGap : period;
  }
  Write(blocked, lock);
  last_look_ = Now();
  return 0;
}

void Watchdog::Write(const std::shared_ptr<WatchedLoop>& loop, std::unique_lock<std::mutex>* lock) {
  const WatchOptions& options = loop->options();
  std::string_view text = loop->line().text();
  std::memcpy(out_.data(), text.data(), text.size());
  const std::string_view end = !options.stack             ? "}\n"
                               : loop->probes().can_stack ? ",\"stack\":\"follows\"}\n"
                                                          : ",\"stack\":\"unavailable\"}\n";
  std::memcpy(out_.data() + text.size(), end.data(), end.size());
  text = {out_.data(), text.size() + end.size()};
  const std::int64_t turn = loop->turn();
  if (options.fd >= 0) {
    writing_ = loop.get();
    lock->unlock();
    const int error = WriteTo(options.fd, text, loop->is_cancelled);
    lock->lock();
    writing_ = nullptr;
    written_.notify_all();
    int none = 0;
    loop->write_error.compare_exchange_strong(none, error);
  }
  if (options.stack && loop->turn() == turn && IsWatched(loop.get())) {
    loop->probes().request_stack(turn);
  }
}

bool Watchdog::IsWatched(const WatchedLoop* loop) const {
  return std::any_of(loops_.begin(), loops_.end(), [loop](const auto& other) { return other.get() == loop; });
}

}  // namespace context
