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

// All times are in nanoseconds, of a clock that does not go back, if nothing else is said.

// How a loop is to be watched.
struct WatchOptions {
  std::int64_t threshold = 0;  // a turn of this length is reported
  std::int64_t interval = 0;   // and once more after this; then each time after twice as long as before
  int fd = -1;                 // where lines are written, -1 for nowhere
  bool stack = false;          // whether the JavaScript stack is asked for
  std::int64_t process = 0;
  std::int64_t thread = 0;
  bool has_slots = false;  // whether some namespaces are reported, or all
  std::vector<std::int32_t> slots;
};

// What is asked of the platform, by the watchdog's thread. None of these may allocate or wait.
struct Probes {
  // How long the loop has waited for events since it began. It goes back if a signal ends a wait: see
  // uv_metrics_idle_time, which forgets that wait then.
  std::function<std::int64_t()> idle_time;
  // The CPU time of the loop's thread, -1 if it is not to be had.
  std::function<std::int64_t()> cpu_time;
  // Whether a debugger has paused the loop's thread.
  std::function<bool()> is_paused;
  // Asks for the stack of the turn that is given, and whether this can be done.
  std::function<void(std::int64_t turn)> request_stack;
  bool can_read_stack = false;
};

// A reported turn that is over.
struct FinishedTurn {
  std::int64_t duration = 0;
  std::int64_t cpu = -1;
  JsonLine line;  // the last line that was reported
};

// A loop under the watchdog's eyes. Its own thread calls BeginTurn each time before it waits for events. A
// turn is what runs from there on to the next such moment, without the time that the loop waits. All else is
// for the watchdog, which holds its mutex.
class WatchedLoop {
 public:
  // `active_word` and `clock` are memory of JavaScript's that stays for as long as the loop is watched.
  WatchedLoop(WatchOptions options, Probes probes, std::shared_ptr<Tables> tables,
              const std::int32_t* active_word, std::int32_t* clock);

  // The loop's own thread: one turn is over, and another begins. Says whether the one that is over was
  // reported; then it is to be taken, by Watchdog::Take.
  bool BeginTurn(std::int64_t now);

  // Which turn it is: how long the loop had not waited, in all, when it began.
  std::int64_t turn() const { return turn_.load(); }

  // Looks at the loop. Says whether there is a line to be written. `gap` is how much later than was wanted
  // this is, if the process was stopped meanwhile, or the machine was too busy. Both are nobody's doing: of
  // this time that counts which the loop's thread had of a processor, and no other.
  bool Sample(std::int64_t now, std::int64_t wall_milliseconds, std::int64_t gap);

  // The turn that was looked at last, and whether it was reported.
  std::int64_t seen_turn() const { return seen_turn_; }
  bool is_reported() const { return reports_ > 0; }

  // What is to be told of the turn that was reported last, if it was the one that is over.
  bool Take(FinishedTurn* finished);

  // How long the watchdog may look away.
  std::int64_t period() const { return is_busy_ ? busy_period_ : idle_period_; }

  // Begins a line of an event, without closing it: when it was, and where.
  void WriteHead(JsonLine* line, std::string_view event, std::int64_t wall_milliseconds) const;

  const WatchOptions& options() const { return options_; }
  const Probes& probes() const { return probes_; }
  const JsonLine& line() const { return line_; }

  // Whether the stack is to be asked for once more: it told nothing.
  std::atomic<bool> wants_stack{false};

  // What lines are written with.
  LineWriter writer;

 private:
  static constexpr std::size_t kContexts = 256;
  static constexpr std::size_t kSlots = 16;

  // A context that was seen to be active in the turn.
  struct Seen {
    static constexpr std::size_t kTextBytes = 1536;

    std::int32_t slot = 0;
    std::int32_t serial = 0;
    std::int32_t samples = 0;
    std::int32_t made = 0;                // what the clock said when it was made, 0 if unknown
    std::size_t length = 0;               // of the text
    std::array<char, kTextBytes> text{};  // what the line says of its labels, as it was seen last
  };

  // A label that is about to be written.
  struct NamedLabel {
    std::string_view key;
    Label label;
    std::size_t key_size = 0;  // as JSON, without quotes
    std::size_t text_size = 0;
  };

  // Whether a debugger has paused the thread, which has not run since the last look.
  bool IsPaused(std::int64_t cpu);

  void Forget(std::int64_t turn);
  void Note();
  void NoteContext(const Record& frame);
  void WriteReport(std::int64_t now, std::int64_t wall_milliseconds);
  void WriteNamespace(std::int32_t slot, const Record* frame);
  void WriteActive(const Record& frame, std::size_t room);
  void WriteShares(std::int32_t slot);
  // What a line says of a context: all but its labels, and its labels. With `with_outer`, those of the
  // contexts around it that it does not have itself are among them. They take `room` bytes at most: the
  // longest keys and values are cut.
  void WriteIdentity(JsonLine* line, std::int32_t serial, std::int32_t made) const;
  void WriteLabels(JsonLine* line, const Record& frame, bool with_outer, std::size_t room);
  std::size_t ReadLabels(const Record& frame, bool with_outer);
  bool IsWatched(std::int32_t slot) const;

  // The frame around a frame, nullptr if there is none. Each is nearer to the outermost one than the last.
  const Record* Around(const Record& frame) const;

  // The active frame of each namespace, as far as there is room; returns how many there are.
  std::size_t ActiveFrames(std::array<const Record*, kSlots>* frames) const;

  const WatchOptions options_;
  const Probes probes_;
  const std::shared_ptr<Tables> tables_;
  const std::int32_t* const active_word_;
  std::int32_t* const clock_;
  std::int64_t busy_period_;
  std::int64_t idle_period_;

  // By these two the threads tell each other: each writes its own first and then reads the other's.
  std::atomic<std::int64_t> turn_;
  std::atomic<std::int64_t> reported_{-1};

  // Of the turn that is being looked at.
  std::int64_t seen_turn_ = -1;
  std::int64_t cpu_before_ = 0;
  std::int64_t not_counted_ = 0;  // time of pauses, and of waits that were forgotten
  std::int64_t next_report_ = 0;
  std::int64_t reports_ = 0;
  std::int32_t samples_ = 0;
  std::size_t seen_count_ = 0;
  bool is_busy_ = false;

  std::int64_t last_sample_ = 0;
  std::int64_t last_cpu_ = 0;
  std::int64_t last_idle_ = 0;
  std::int64_t paused_at_ = -2;  // the CPU time at which it was asked whether it is paused
  bool is_paused_ = false;
  std::int32_t now_milliseconds_ = 0;
  std::vector<Seen> seen_;
  std::array<Label, LabelTable::kKeys> labels_;  // as they are being read
  std::array<NamedLabel, LabelTable::kKeys> named_;
  JsonLine line_;
  JsonLine scratch_;
};

}  // namespace context

#endif  // CONTEXT_SRC_WATCHED_LOOP_H_
