#include "watched_loop.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "shared_word.h"

namespace context {

namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

// A thread may be this late without a stop.
constexpr std::int64_t kLeastGap = 20 * kMillisecond;

}  // namespace

WatchedLoop::WatchedLoop(WatchOptions options, Probes probes, std::shared_ptr<Tables> tables,
                         const std::int32_t* active_word, std::int32_t* clock)
    : writer(options.fd),
      options_(std::move(options)),
      probes_(std::move(probes)),
      tables_(std::move(tables)),
      active_word_(active_word),
      clock_(clock),
      busy_period_(std::clamp(options_.threshold / 200, kMillisecond, 5 * kMillisecond)),
      idle_period_(std::clamp(options_.threshold / 10, kMillisecond, 100 * kMillisecond)),
      turn_(INT64_MIN),
      last_cpu_(probes_.cpu_time()),
      seen_(kContexts) {}

void WatchedLoop::SetClock(std::int64_t now) {
  now_milliseconds_ = static_cast<std::int32_t>(now / kMillisecond);
  StoreWord(clock_, now_milliseconds_ == 0 ? 1 : now_milliseconds_);
}

bool WatchedLoop::BeginTurn(std::int64_t now) {
  const std::int64_t over = turn_.load(std::memory_order_relaxed);
  // Turns have distinct beginnings.
  const std::int64_t begin = std::max(now - probes_.idle_time(), over + 1);
  turn_.store(begin);
  return reported_.load() == over;
}

bool WatchedLoop::Sample(std::int64_t now, std::int64_t wall_milliseconds, std::int64_t gap) {
  SetClock(now);
  const std::int64_t turn = turn_.load();
  const std::int64_t idle = probes_.idle_time();
  // Idle time only grows while the loop waits.
  const bool is_waiting = probes_.idle_time() > idle;
  const std::int64_t cpu = probes_.cpu_time();
  const std::int64_t since_last = now - last_sample_;
  const std::int64_t without_cpu = std::max<std::int64_t>(0, since_last - (cpu - last_cpu_));
  const bool has_run = cpu != last_cpu_;
  // If a signal interrupts a wait, libuv loses its idle time, at an unknown moment since the last sample.
  const std::int64_t forgotten = turn == seen_turn_ ? last_idle_ - idle : 0;
  const std::int64_t lost = forgotten > 0      ? forgotten + without_cpu
                            : gap >= kLeastGap ? std::min(gap, without_cpu)
                                               : 0;
  if (turn != seen_turn_) {
    if (seen_turn_ >= 0 && reported_.load() == seen_turn_) {
      // The loop's thread is about to take the report of the finished turn.
      return false;
    }
    Forget(turn);
  }
  const std::int64_t busy = now - idle - turn;
  last_sample_ = now;
  last_cpu_ = cpu;
  last_idle_ = idle;
  if (is_waiting) {
    // Nothing has run in this turn yet: apparent busy time is idle time that libuv lost.
    if (turn_.load() == turn) {
      not_counted_ = std::max<std::int64_t>(0, busy);
    }
    is_busy_ = false;
    return false;
  }
  if (lost > 0) {
    not_counted_ += std::min(lost, std::max<std::int64_t>(0, busy - not_counted_));
  } else if (is_busy_ && !has_run && IsPaused(cpu)) {
    not_counted_ += std::min(since_last, std::max<std::int64_t>(0, busy - not_counted_));
    return false;
  }
  const std::int64_t counted = busy - not_counted_;
  is_busy_ = counted >= 2 * busy_period_;
  if (counted >= std::min(busy_period_, options_.threshold)) {
    const std::lock_guard<std::mutex> guard(tables_->mutex);
    // Stored before the active word is read, so that JavaScript sees it when it leaves that snapshot.
    StoreWord(clock_ + 1, 1, std::memory_order_seq_cst);
    // The record was complete before the word was written, and stays valid: no page is closed while we hold
    // the mutex.
    const std::int32_t record = LoadWord(active_word_, std::memory_order_seq_cst);
    Note(record);
    if (counted >= next_report_) {
      WriteReport(counted, wall_milliseconds, reports_ + 1, record);
    }
  }
  if (counted < next_report_) {
    return false;
  }
  reported_.store(turn);
  if (turn_.load() != turn) {
    // The turn has just ended. If it was never reported, there is nothing to report.
    if (reports_ == 0) {
      reported_.store(-1);
    }
    return false;
  }
  const std::int64_t wait = options_.interval << std::min<std::int64_t>(reports_, 16);
  next_report_ = counted + wait;
  ++reports_;
  return true;
}

bool WatchedLoop::IsPaused(std::int64_t cpu) {
  // A thread that has not run is still waiting for the same thing.
  if (std::exchange(paused_at_, cpu) != cpu) {
    is_paused_ = probes_.is_paused();
  }
  return is_paused_;
}

void WatchedLoop::Forget(std::int64_t turn) {
  seen_turn_ = turn;
  cpu_before_ = last_cpu_;
  not_counted_ = 0;
  next_report_ = options_.threshold;
  reports_ = 0;
  samples_ = 0;
  unknown_samples_ = 0;
  seen_count_ = 0;
  is_busy_ = false;
}

bool WatchedLoop::Take(ReportedTurn* finished) {
  const std::int64_t reported = reported_.exchange(-1);
  if (reported < 0 || reported != seen_turn_ || reports_ == 0) {
    return false;
  }
  finished->duration = turn_.load() - reported - not_counted_;
  const std::int64_t cpu = probes_.cpu_time();
  finished->cpu = cpu < 0 ? -1 : std::min(cpu - cpu_before_, finished->duration);
  finished->line = line_;
  finished->slots = line_slots_;
  return true;
}

bool WatchedLoop::Peek(std::int64_t now, std::int64_t wall_milliseconds, ReportedTurn* current) {
  const std::int64_t turn = turn_.load();
  if (reported_.load() != turn || seen_turn_ != turn || reports_ == 0) {
    return false;
  }
  current->duration = now - probes_.idle_time() - turn - not_counted_;
  const std::int64_t cpu = probes_.cpu_time();
  current->cpu = cpu < 0 ? -1 : std::min(cpu - cpu_before_, current->duration);
  const std::lock_guard<std::mutex> guard(tables_->mutex);
  // The last line stays that of the last report.
  current->line = line_;
  current->slots = line_slots_;
  WriteReport(current->duration, wall_milliseconds, reports_, LoadWord(active_word_));
  std::swap(current->line, line_);
  std::swap(current->slots, line_slots_);
  return true;
}

bool WatchedLoop::IsWatched(std::int32_t slot) const {
  const std::vector<std::int32_t>& slots = options_.slots;
  return !options_.has_slots || std::find(slots.begin(), slots.end(), slot) != slots.end();
}

std::size_t WatchedLoop::ActiveFrames(std::int32_t record, std::array<const Record*, kSlots>* frames) const {
  std::size_t count = 0;
  for (std::size_t left = kSlots * 4; left > 0 && count < kSlots; --left) {
    const Record* snapshot = tables_->frames.Find(record);
    const Record* frame = snapshot == nullptr ? nullptr : tables_->frames.Find(snapshot->frame);
    if (frame == nullptr) {
      break;
    }
    const bool is_first = std::none_of(frames->begin(), frames->begin() + static_cast<std::ptrdiff_t>(count),
                                       [frame](const Record* other) { return other->slot == frame->slot; });
    if (is_first && IsWatched(frame->slot)) {
      (*frames)[count++] = frame;
    }
    record = snapshot->next;
  }
  return count;
}

void WatchedLoop::Note(std::int32_t record) {
  ++samples_;
  unknown_samples_ += record == kUnknownRecord ? 1 : 0;
  std::array<const Record*, kSlots> frames{};
  const std::size_t count = ActiveFrames(record, &frames);
  for (std::size_t n = 0; n < count; ++n) {
    NoteContext(*frames[n]);
  }
}

void WatchedLoop::NoteContext(const Record& frame) {
  const auto end = seen_.begin() + static_cast<std::ptrdiff_t>(seen_count_);
  auto found = std::find_if(seen_.begin(), end, [&frame](const Seen& seen) {
    return seen.slot == frame.slot && seen.serial == frame.serial;
  });
  if (found == end) {
    if (seen_count_ == kContexts) {
      return;
    }
    ++seen_count_;
    found->slot = frame.slot;
    found->serial = frame.serial;
    found->samples = 0;
    found->made = tables_->labels.TimeOf(frame.labels);
  }
  ++found->samples;
  // Copy the labels: the context may be gone when they are reported.
  scratch_.Clear();
  WriteLabels(&scratch_, frame, true, Seen::kTextBytes);
  const std::string_view text = scratch_.text();
  found->length = std::min(text.size(), Seen::kTextBytes);
  std::memcpy(found->text.data(), text.data(), found->length);
}

const Record* WatchedLoop::Around(const Record& frame) const {
  const Record* around = tables_->frames.Find(frame.enclosing);
  return around != nullptr && around->depth < frame.depth ? around : nullptr;
}

}  // namespace context
