#include "interrupts.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "v8_functions.h"

namespace context {

namespace {

struct Entry {
  std::uintptr_t number;
  Interrupts* interrupts;
};

// The objects of this thread, and so of one isolate.
std::vector<Entry>& Entries() {
  thread_local std::vector<Entry> entries;
  return entries;
}

std::uintptr_t NextNumber() {
  static std::atomic<std::uintptr_t> last{0};
  return ++last;
}

}  // namespace

bool Interrupts::CanRequest() { return V8Functions::Get().has_interrupts; }

Interrupts::Interrupts(std::function<void()> call)
    : call_(std::move(call)),
      isolate_(CanRequest() ? V8Functions::Get().get_current() : nullptr),
      number_(NextNumber()) {
  Entries().push_back({number_, this});
}

Interrupts::~Interrupts() {
  std::vector<Entry>& entries = Entries();
  entries.erase(std::remove_if(entries.begin(), entries.end(),
                               [this](const Entry& entry) { return entry.interrupts == this; }),
                entries.end());
}

void Interrupts::Request() {
  if (isolate_ != nullptr && !is_pending_.exchange(true)) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): a number that V8 passes on
    V8Functions::Get().request_interrupt(isolate_, OnInterrupt, reinterpret_cast<void*>(number_));
  }
}

void Interrupts::OnInterrupt(void* /*isolate*/, void* number) {
  for (const Entry& entry : Entries()) {
    if (entry.number == reinterpret_cast<std::uintptr_t>(number)) {
      entry.interrupts->is_pending_ = false;
      entry.interrupts->call_();
      return;
    }
  }
}

}  // namespace context
