#ifndef CONTEXT_SRC_WATCHED_LOOP_H_
#define CONTEXT_SRC_WATCHED_LOOP_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "json_line.h"
#include "line_writer.h"
#include "tables.h"

namespace context {

// All times are in nanoseconds of the monotonic clock unless noted.

struct WatchOptions {
  std::int64_t threshold = 0;  // report turns of this length
  std::int64_t interval = 0;   // until the next report; doubled each time
  int fd = -1;                 // destination of lines, -1 for none
  bool stack = false;          // whether to read the JavaScript stack
  std::int64_t process = 0;
  std::int64_t thread = 0;
  bool has_slots = false;  // whether to report only the namespaces in `slots`
  std::vector<std::int32_t> slots;
};

// Platform functions that the watchdog's thread calls. They must not allocate or wait.
struct Probes {
  // The loop's total idle time. It decreases if a signal interrupts a wait, whose time uv_metrics_idle_time
  // then loses.
  std::function<std::int64_t()> idle_time;
  // The CPU time of the loop's thread; -1 if unavailable.
  std::function<std::int64_t()> cpu_time;
  // Whether a debugger has paused the loop's thread.
  std::function<bool()> is_paused;
  // Requests the stack of a turn, if `can_read_stack`.
  std::function<void(std::int64_t turn)> request_stack;
  bool can_read_stack = false;
};

// The words that the watchdog's thread writes for JavaScript: the time in milliseconds by a coarse clock, 0
// while no watchdog runs; and 1 if it has looked at what is active since JavaScript set it to 0.
constexpr std::size_t kClockWords = 2;

// The slots of the namespaces in a line.
struct LineSlots {
  static constexpr std::size_t kMost = 16;

  std::array<std::int32_t, kMost> slots{};
  std::size_t count = 0;
};

// A reported turn.
struct ReportedTurn {
  std::int64_t duration = 0;
  std::int64_t cpu = -1;
  JsonLine line;  // the last report
  LineSlots slots;
};

// A watched loop. Its thread calls BeginTurn each time before it waits for events. A turn lasts from one such
// moment to the next, without the idle time. The watchdog calls everything else, holding its mutex.
class WatchedLoop {
 public:
  // `active_word` and `clock` are JavaScript memory that must outlive the watching. `clock` has
  // kClockWords.
  WatchedLoop(WatchOptions options, Probes probes, std::shared_ptr<Tables> tables,
              const std::int32_t* active_word, std::int32_t* clock);

  // Writes the time into the clock that JavaScript reads. Called by the loop's thread before it is watched,
  // and by the watchdog's from then on.
  void SetClock(std::int64_t now);

  // Called by the loop's thread: ends a turn and begins another. Returns whether the old one was reported;
  // then call Watchdog::Take.
  bool BeginTurn(std::int64_t now);

  // Identifies the turn: the loop's total busy time when it began.
  std::int64_t turn() const { return turn_.load(); }

  // Samples the loop. Returns whether there is a line to write. `gap` is how late the sample is if the
  // process was stopped or the machine overloaded. That time is nobody's fault: only the loop's CPU time in
  // it counts.
  bool Sample(std::int64_t now, std::int64_t wall_milliseconds, std::int64_t gap);

  // The turn sampled last, and whether it was reported.
  std::int64_t seen_turn() const { return seen_turn_; }
  bool is_reported() const { return reports_ > 0; }

  // Returns the last reported turn if it is over.
  bool Take(ReportedTurn* finished);

  // Returns the turn that is not over, with a report of this moment, if it was reported. Called by the loop's
  // thread.
  bool Peek(std::int64_t now, std::int64_t wall_milliseconds, ReportedTurn* current);

  // The time until the next sample is due.
  std::int64_t period() const { return is_busy_ ? busy_period_ : idle_period_; }

  // Begins the line of an event with its time and origin, without closing it.
  void WriteHead(JsonLine* line, std::string_view event, std::int64_t wall_milliseconds) const;

  const WatchOptions& options() const { return options_; }
  const Probes& probes() const { return probes_; }
  const JsonLine& line() const { return line_; }

  // Whether to request the stack again, because it showed no code of the application.
  std::atomic<bool> wants_stack{false};

  LineWriter writer;

 private:
  static constexpr std::size_t kContexts = 256;
  static constexpr std::size_t kSlots = LineSlots::kMost;

  // A context that was active in the turn.
  struct Seen {
    static constexpr std::size_t kTextBytes = 1536;

    std::int32_t slot = 0;
    std::int32_t serial = 0;
    std::int32_t samples = 0;
    std::int32_t made = 0;                // creation time by the coarse clock, 0 if unknown
    std::size_t length = 0;               // of the text
    std::array<char, kTextBytes> text{};  // its labels as JSON, when it was last seen
  };

  // A label to write.
  struct NamedLabel {
    std::string_view key;
    Label label;
    std::size_t key_size = 0;  // as JSON, without quotes
    std::size_t text_size = 0;
  };

  // Whether a debugger has paused the thread, which has not run since the last sample.
  bool IsPaused(std::int64_t cpu);

  void Forget(std::int64_t turn);
  // Notes what is active, by the record of a snapshot.
  void Note(std::int32_t record);
  void NoteContext(const Record& frame);
  void WriteReport(std::int64_t busy, std::int64_t wall_milliseconds, std::int64_t number,
                   std::int32_t record);
  void WriteUnknown(bool is_now);
  void WriteNamespace(std::int32_t slot, const Record* frame);
  void WriteActive(const Record& frame, std::size_t room);
  void WriteShares(std::int32_t slot);
  // Write what identifies a context, and its labels, in at most `room` bytes, truncating the longest keys and
  // values. With `with_outer`, labels of enclosing contexts are included unless overridden.
  void WriteIdentity(JsonLine* line, std::int32_t serial, std::int32_t made) const;
  void WriteLabels(JsonLine* line, const Record& frame, bool with_outer, std::size_t room);
  std::size_t ReadLabels(const Record& frame, bool with_outer);
  bool IsWatched(std::int32_t slot) const;

  // The enclosing frame; nullptr if there is none. Depth decreases strictly, so invalid data can't loop.
  const Record* Around(const Record& frame) const;

  // Whether samples are at least 1 % of the turn's, so that a line mentions them; their share in thousandths.
  bool IsShare(std::int32_t samples) const;
  std::int64_t ShareOf(std::int32_t samples) const;

  // The active frame of each namespace in a snapshot, as far as there is room; returns how many there are.
  std::size_t ActiveFrames(std::int32_t record, std::array<const Record*, kSlots>* frames) const;

  const WatchOptions options_;
  const Probes probes_;
  const std::shared_ptr<Tables> tables_;
  const std::int32_t* const active_word_;
  std::int32_t* const clock_;
  std::int64_t busy_period_;
  std::int64_t idle_period_;

  // Synchronises the threads: each writes its own variable, then reads the other's.
  std::atomic<std::int64_t> turn_;
  std::atomic<std::int64_t> reported_{-1};

  // State of the sampled turn.
  std::int64_t seen_turn_ = -1;
  std::int64_t cpu_before_ = 0;
  std::int64_t not_counted_ = 0;  // pauses, and idle time that libuv lost
  std::int64_t next_report_ = 0;
  std::int64_t reports_ = 0;
  std::int32_t samples_ = 0;
  std::int32_t unknown_samples_ = 0;  // in which JavaScript did not know what was active
  std::size_t seen_count_ = 0;
  bool is_busy_ = false;

  std::int64_t last_sample_ = 0;
  std::int64_t last_cpu_ = 0;
  std::int64_t last_idle_ = 0;
  std::int64_t paused_at_ = -2;  // the CPU time when `is_paused_` was determined
  bool is_paused_ = false;
  std::int32_t now_milliseconds_ = 0;
  std::vector<Seen> seen_;
  std::array<Label, LabelTable::kKeys> labels_;  // buffer for reading
  std::array<NamedLabel, LabelTable::kKeys> named_;
  JsonLine line_;
  LineSlots line_slots_;
  JsonLine scratch_;
};

}  // namespace context

#endif  // CONTEXT_SRC_WATCHED_LOOP_H_
