#include "watchdog.h"

#include <algorithm>
#include <chrono>
#include <utility>

#ifndef _WIN32
#include <pthread.h>
#endif

namespace context {

namespace {

// A sample that is this late, and not delayed by a fork, means that the process or machine was stopped, or is
// too busy to judge.
constexpr std::int64_t kGap = 250'000'000;

std::unique_ptr<Watchdog>& Holder() {
#ifdef _WIN32
  // Never destroyed: at exit, Windows ends all other threads first, whatever they have locked.
  static auto& holder = *new std::unique_ptr<Watchdog>(std::make_unique<Watchdog>());
#else
  static std::unique_ptr<Watchdog> holder = std::make_unique<Watchdog>();
#endif
  return holder;
}

}  // namespace

Watchdog& Watchdog::Get() {
#ifndef _WIN32
  static const int handlers = pthread_atfork(PrepareFork, AfterForkInParent, AfterForkInChild);
  static_cast<void>(handlers);
#endif
  return *Holder();
}

// Locks the mutex, so that the thread is not in the middle of anything, and no table's mutex is locked.
void Watchdog::PrepareFork() {
  Watchdog& watchdog = *Holder();
  watchdog.mutex_.lock();
  watchdog.forks_since_ = Now();
}

void Watchdog::AfterForkInParent() {
  Watchdog& watchdog = *Holder();
  watchdog.forked_for_ += Now() - watchdog.forks_since_;
  watchdog.mutex_.unlock();
}

// The child has no such thread, and can't join it: leak the watchdog. Buffered lines are the parent's.
void Watchdog::AfterForkInChild() {
  Watchdog* const left = Holder().release();
  for (const auto& loop : left->loops_) {
    loop->writer.Forget();
  }
  left->mutex_.unlock();
  Holder() = std::make_unique<Watchdog>();
}

std::int64_t Watchdog::Now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

std::int64_t Watchdog::WallMilliseconds() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

Watchdog::~Watchdog() {
  // The process exits while loops are watched.
  const std::lock_guard<std::mutex> guard(thread_mutex_);
  {
    const std::lock_guard<std::mutex> inner(mutex_);
    is_stopping_ = true;
  }
  wake_.NotifyAll();
  if (thread_.is_started()) {
    thread_.Join();
  }
}

bool Watchdog::Start(const std::shared_ptr<WatchedLoop>& loop) {
  const std::lock_guard<std::mutex> guard(thread_mutex_);
  std::unique_lock<std::mutex> lock(mutex_);
  if (!loop->writer.Start()) {
    return false;
  }
  loops_.push_back(loop);
  lock.unlock();
  if (thread_.is_started()) {
    wake_.NotifyAll();
    return true;
  }
  is_stopping_ = false;
  // Set here, because the thread may start late.
  last_look_ = Now();
  planned_ = 0;
  forked_for_ = 0;
  const bool is_started = thread_.Start(
      "context-watch", [](void* watchdog) { static_cast<Watchdog*>(watchdog)->Run(); }, this);
  if (!is_started) {
    lock.lock();
    loops_.pop_back();
  }
  return is_started;
}

void Watchdog::Stop(const std::shared_ptr<WatchedLoop>& loop) {
  {
    const std::lock_guard<std::mutex> guard(thread_mutex_);
    std::unique_lock<std::mutex> lock(mutex_);
    loops_.erase(std::remove(loops_.begin(), loops_.end(), loop), loops_.end());
    is_stopping_ = loops_.empty();
    lock.unlock();
    if (is_stopping_ && thread_.is_started()) {
      wake_.NotifyAll();
      thread_.Join();
    }
  }
  // Without the mutex: other loops may start and stop meanwhile.
  loop->writer.Stop();
}

bool Watchdog::Take(WatchedLoop* loop, ReportedTurn* finished) {
  const std::lock_guard<std::mutex> guard(mutex_);
  return loop->Take(finished);
}

bool Watchdog::Peek(WatchedLoop* loop, ReportedTurn* current) {
  const std::lock_guard<std::mutex> guard(mutex_);
  return loop->Peek(Now(), WallMilliseconds(), current);
}

std::size_t Watchdog::size() {
  const std::lock_guard<std::mutex> guard(mutex_);
  return loops_.size();
}

void Watchdog::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  probe_.emplace();
  last_queued_ = probe_->QueuedTime();
  while (!is_stopping_) {
    planned_ = LookAtAll();
    wake_.WaitFor(&lock, std::chrono::nanoseconds(planned_));
  }
}

std::int64_t Watchdog::FindGap(std::int64_t now) {
  const std::int64_t late = now - last_look_ - planned_ - std::exchange(forked_for_, 0);
  last_look_ = now;
  const std::int64_t queued = probe_->QueuedTime();
  const std::int64_t waited = queued - std::exchange(last_queued_, queued);
  if (late > kGap) {
    return late;
  }
  // Waiting for a processor is not a stop: other threads of this process may have been busy.
  return queued < 0 ? 0 : std::max<std::int64_t>(0, late - waited);
}

std::int64_t Watchdog::LookAtAll() {
  const std::int64_t now = Now();
  const std::int64_t gap = FindGap(now);
  const std::int64_t wall_milliseconds = WallMilliseconds();
  std::int64_t period = kGap;
  for (const std::shared_ptr<WatchedLoop>& loop : loops_) {
    if (loop->Sample(now, wall_milliseconds, gap)) {
      Report(loop.get());
    }
    if (loop->wants_stack.exchange(false) && loop->is_reported()) {
      loop->probes().request_stack(loop->seen_turn());
    }
    period = std::min(period, loop->period());
  }
  return period;
}

void Watchdog::Report(WatchedLoop* loop) {
  const bool has_stack = loop->options().stack;
  const bool can_read_stack = loop->probes().can_read_stack;
  loop->writer.Add(loop->line().text(), !has_stack       ? "}\n"
                                        : can_read_stack ? ",\"stack\":\"follows\"}\n"
                                                         : ",\"stack\":\"unavailable\"}\n");
  if (has_stack) {
    loop->probes().request_stack(loop->seen_turn());
  }
}

}  // namespace context
