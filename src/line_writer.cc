#include "line_writer.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>
#include <utility>

#include "condition.h"
#include "destination.h"

namespace context {

namespace {

using Clock = std::chrono::steady_clock;

// How long to wait for a line in progress after Stop, if the destination seems full.
constexpr std::chrono::milliseconds kGrace(20);

// How often Stop checks the destination.
constexpr std::chrono::milliseconds kLook(5);

}  // namespace

struct LineWriter::Channel {
  explicit Channel(int fd) : destination(fd), error(destination.error()) {
    added.reserve(kCapacity);
    taken.reserve(kCapacity);
    line.reserve(kCapacity + 1);
  }

  // The thread's main function.
  void Run();

  void WriteTaken();

  // Waits until everything is written or the destination accepts nothing. Returns whether the thread has
  // ended.
  bool WaitForEnd();

  bool IsStuck(std::chrono::nanoseconds patience) const {
    return is_writing && Clock::now() - writes_since >= patience;
  }

  Destination destination;

  std::mutex mutex;
  Condition wake;   // wakes the thread
  Condition ended;  // wakes Stop
  std::string added;
  int error = 0;
  std::uint64_t lost = 0;
  bool is_writing = false;
  bool is_closing = false;
  bool is_over = false;
  Clock::time_point writes_since;  // when the current line was begun

  std::atomic<bool> is_abandoned{false};

  // Used only by the thread.
  std::string taken;
  std::string line;
  bool is_torn = false;  // the last line is incomplete
};

void LineWriter::Channel::Run() {
  std::unique_lock<std::mutex> lock(mutex);
  while (!is_abandoned) {
    while (!is_closing && added.empty()) {
      wake.Wait(&lock);
    }
    if (added.empty()) {
      break;
    }
    taken.swap(added);
    added.clear();
    lock.unlock();
    WriteTaken();
    lock.lock();
  }
  is_over = true;
  ended.NotifyAll();
}

void LineWriter::Channel::WriteTaken() {
  for (std::size_t begin = 0; begin < taken.size() && !is_abandoned;) {
    const std::size_t end = taken.find('\n', begin) + 1;
    line.assign(is_torn ? "\n" : "").append(taken, begin, end - begin);
    begin = end;
    {
      const std::lock_guard<std::mutex> guard(mutex);
      is_writing = true;
      writes_since = Clock::now();
    }
    const int failure = destination.Write(line, is_abandoned);
    is_torn = failure != 0;
    const std::lock_guard<std::mutex> guard(mutex);
    is_writing = false;
    if (failure != 0) {
      error = error == 0 ? failure : error;
      ++lost;
    }
  }
  taken.clear();
}

bool LineWriter::Channel::WaitForEnd() {
  const Clock::time_point last = Clock::now() + std::chrono::nanoseconds(kPatience);
  std::unique_lock<std::mutex> lock(mutex);
  is_closing = true;
  wake.NotifyAll();
  while (!is_over && Clock::now() < last && !(IsStuck(kGrace) && !destination.IsWritable())) {
    ended.WaitFor(&lock, kLook);
  }
  is_abandoned = !is_over;
  return is_over;
}

LineWriter::LineWriter(int fd) : channel_(fd < 0 ? nullptr : std::make_shared<Channel>(fd)) {}

LineWriter::~LineWriter() { Stop(); }

bool LineWriter::Start() {
  if (channel_ == nullptr || channel_->error != 0) {
    return true;
  }
  auto held = std::make_unique<std::shared_ptr<Channel>>(channel_);
  if (!thread_.Start("context-write", Run, held.get())) {
    return false;
  }
  static_cast<void>(held.release());  // owned by the thread now
  return true;
}

void LineWriter::Run(void* data) {
  const std::unique_ptr<std::shared_ptr<Channel>> channel(static_cast<std::shared_ptr<Channel>*>(data));
  (*channel)->Run();
}

bool LineWriter::Add(std::string_view line, std::string_view end) {
  if (channel_ == nullptr) {
    return true;
  }
  const std::lock_guard<std::mutex> guard(channel_->mutex);
  std::array<char, 40> lost{};
  if (channel_->lost > 0) {
    static_cast<void>(std::snprintf(lost.data(), lost.size(), ",\"lost\":%llu",
                                    static_cast<unsigned long long>(channel_->lost)));
  }
  const std::string_view about(lost.data());
  std::string& added = channel_->added;
  if (!thread_.is_started() || kCapacity - added.size() < line.size() + about.size() + end.size()) {
    ++channel_->lost;
    return false;
  }
  added.append(line).append(about).append(end);
  channel_->wake.NotifyAll();
  return true;
}

int LineWriter::error() const {
  if (channel_ == nullptr) {
    return 0;
  }
  const std::lock_guard<std::mutex> guard(channel_->mutex);
  const bool waits = channel_->lost > 0 || channel_->IsStuck(std::chrono::nanoseconds(kPatience));
  return channel_->error != 0 ? channel_->error : waits ? Destination::kBusy : 0;
}

void LineWriter::Stop() {
  if (!thread_.is_started()) {
    return;
  }
  if (channel_->WaitForEnd()) {
    thread_.Join();
  } else {
    thread_.Detach();
  }
  // Closes the descriptor, unless the thread still uses it.
  channel_ = nullptr;
}

void LineWriter::Forget() {
  if (thread_.is_started()) {
    // The thread, which doesn't exist here, may have locked the mutex: leak the channel.
    static_cast<void>(new std::shared_ptr<Channel>(std::move(channel_)));
    thread_.Forget();
  }
  channel_ = nullptr;
}

}  // namespace context
