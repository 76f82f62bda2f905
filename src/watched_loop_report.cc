// The report lines of a WatchedLoop.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>

#include "watched_loop.h"

namespace context {

namespace {

// How many contexts per namespace are listed, from the innermost outwards.
constexpr std::size_t kNested = 32;

// The maximum size of the labels of one context, and the minimum room for each context: with less room, outer
// contexts are omitted.
constexpr std::size_t kMostLabels = 4096;
constexpr std::size_t kLeastRoom = 256;

// The maximum size of a name.
constexpr std::size_t kNameBytes = 384;

// The size of a context without its labels, and of a label without key and text: two pairs of quotes, a colon
// and a comma.
constexpr std::size_t kIdentityBytes = 80;
constexpr std::size_t kLabelBytes = 6;

// Keys and texts are not truncated below this size.
constexpr std::size_t kShortest = 12;

}  // namespace

void WatchedLoop::WriteIdentity(JsonLine* line, std::int32_t serial, std::int32_t made) const {
  line->Raw("\"serial\":");
  line->Number(static_cast<std::uint32_t>(serial));
  if (made != 0) {
    const std::uint32_t age =
        static_cast<std::uint32_t>(now_milliseconds_) - static_cast<std::uint32_t>(made);
    line->Raw(",\"age\":");
    line->Number(age > static_cast<std::uint32_t>(INT32_MAX) ? 0 : age);
  }
}

std::size_t WatchedLoop::ReadLabels(const Record& frame, bool with_outer) {
  std::uint64_t seen = 0;
  std::size_t count = 0;
  const Record* at = &frame;
  for (std::size_t left = with_outer ? kNested : 1; left > 0 && at != nullptr; --left) {
    for (std::size_t n = tables_->labels.Read(at->labels, &labels_); n-- > 0;) {
      const Label& label = labels_[n];
      const std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(label.key);
      const std::string* key =
          (seen & bit) != 0 ? nullptr
                            : tables_->namespaces.KeyOf(frame.slot, static_cast<std::size_t>(label.key));
      if (key == nullptr || count == named_.size()) {
        continue;
      }
      seen |= bit;
      const std::string_view text(label.text.data(), label.length);
      named_[count++] = {*key, label, JsonLine::SizeOf(*key),
                         label.is_literal ? text.size() : JsonLine::SizeOf(text)};
    }
    at = Around(*at);
  }
  return count;
}

void WatchedLoop::WriteLabels(JsonLine* line, const Record& frame, bool with_outer, std::size_t room) {
  const std::size_t count = ReadLabels(frame, with_outer);
  const auto end = named_.begin() + static_cast<std::ptrdiff_t>(count);
  const auto size_for = [this, end](std::size_t limit) {
    return std::accumulate(
        named_.begin(), end, std::string_view(R"(,"labels":{})").size(),
        [limit](std::size_t size, const NamedLabel& named) {
          return size + kLabelBytes + std::min(limit, named.key_size) +
                 (named.label.is_literal ? named.text_size : std::min(limit, named.text_size));
        });
  };
  // Truncate the longest ones, so that all labels fit.
  std::size_t limit = JsonLine::kCapacity;
  while (limit > kShortest && size_for(limit) > room) {
    limit = std::max(kShortest, limit - limit / 8);
  }
  const std::size_t last = line->size() + room;
  bool is_first = true;
  for (auto named = named_.begin(); named != end; ++named) {
    const std::size_t before = line->size();
    line->Raw(is_first ? ",\"labels\":{" : ",");
    line->String(named->key, limit);
    line->Raw(":");
    const std::string_view text(named->label.text.data(), named->label.length);
    if (named->label.is_literal) {
      line->Raw(text);
    } else {
      line->String(text, limit);
    }
    if (line->is_full() || line->size() >= last) {
      line->GoBack(before);
      break;
    }
    is_first = false;
  }
  if (!is_first) {
    line->Close("}");
  }
}

void WatchedLoop::WriteHead(JsonLine* line, std::string_view event, std::int64_t wall_milliseconds) const {
  line->Raw(R"({"event":")");
  line->Raw(event);
  line->Raw(R"(","time":)");
  line->Time(wall_milliseconds);
  line->Raw(",\"pid\":");
  line->Number(options_.process);
  line->Raw(",\"thread\":");
  line->Number(options_.thread);
}

void WatchedLoop::WriteReport(std::int64_t busy, std::int64_t wall_milliseconds, std::int64_t number,
                              std::int32_t record) {
  line_.Clear();
  line_slots_.count = 0;
  WriteHead(&line_, "context.blocked", wall_milliseconds);
  line_.Raw(",\"duration\":");
  line_.Milliseconds(busy);
  line_.Raw(",\"cpu\":");
  if (last_cpu_ < 0) {
    line_.Raw("null");
  } else {
    line_.Milliseconds(std::min(last_cpu_ - cpu_before_, busy));
  }
  line_.Raw(",\"report\":");
  line_.Number(number);
  WriteUnknown(record == kUnknownRecord);
  line_.Raw(",\"namespaces\":[");
  std::array<const Record*, kSlots> frames{};
  const std::size_t count = ActiveFrames(record, &frames);
  std::array<std::int32_t, kSlots> slots{};
  std::size_t slot_count = 0;
  for (; slot_count < count; ++slot_count) {
    slots[slot_count] = frames[slot_count]->slot;
  }
  for (std::size_t n = 0; n < seen_count_ && slot_count < kSlots; ++n) {
    const auto end = slots.begin() + static_cast<std::ptrdiff_t>(slot_count);
    if (std::find(slots.begin(), end, seen_[n].slot) == end) {
      slots[slot_count++] = seen_[n].slot;
    }
  }
  for (std::size_t n = 0; n < slot_count; ++n) {
    const std::size_t before = line_.size();
    // Each namespace has an equal share of the remaining room.
    line_.Leave(0);
    line_.Leave(line_.room() / (slot_count - n) * (slot_count - n - 1));
    line_.Raw(n == 0 ? "" : ",");
    WriteNamespace(slots[n], n < count ? frames[n] : nullptr);
    if (line_.is_full()) {
      line_.GoBack(before);
      break;
    }
    line_slots_.slots[line_slots_.count++] = slots[n];
  }
  line_.Close("]");
}

bool WatchedLoop::IsShare(std::int32_t samples) const { return samples * std::int64_t{100} >= samples_; }

std::int64_t WatchedLoop::ShareOf(std::int32_t samples) const {
  return (std::int64_t{1000} * samples + samples_ / 2) / samples_;
}

void WatchedLoop::WriteUnknown(bool is_now) {
  // Also if it is unknown now: the line then lists no active contexts.
  if (is_now || IsShare(unknown_samples_)) {
    line_.Raw(",\"unknown\":");
    line_.Thousandths(std::max<std::int64_t>(1, ShareOf(unknown_samples_)));
  }
}

void WatchedLoop::WriteNamespace(std::int32_t slot, const Record* frame) {
  const std::u16string* name = tables_->namespaces.NameOf(slot);
  line_.Raw("{\"name\":");
  line_.String(name == nullptr ? std::u16string_view() : std::u16string_view(*name), kNameBytes);
  line_.Raw(",\"contexts\":[");
  if (frame != nullptr && !line_.is_full()) {
    WriteActive(*frame, line_.room() / 2);
  }
  line_.Raw("],\"shares\":[");
  if (!line_.is_full()) {
    WriteShares(slot);
  }
  line_.Close("]}");
}

void WatchedLoop::WriteActive(const Record& frame, std::size_t room) {
  const std::size_t most = std::clamp<std::size_t>(room / kLeastRoom, 1, kNested);
  std::array<const Record*, kNested> frames{};
  std::size_t count = 0;
  const Record* at = &frame;
  while (at != nullptr && count < most) {
    frames[count++] = at;
    at = Around(*at);
  }
  const std::size_t last = line_.size() + room;
  bool is_first = true;
  for (std::size_t n = count; n-- > 0;) {
    const std::size_t before = line_.size();
    const std::size_t each = (last - std::min(last, before)) / (n + 1);
    line_.Raw(is_first ? "{" : ",{");
    WriteIdentity(&line_, frames[n]->serial, tables_->labels.TimeOf(frames[n]->labels));
    WriteLabels(&line_, *frames[n], false, std::min(kMostLabels, each - std::min(each, kIdentityBytes)));
    line_.Raw("}");
    if (line_.is_full()) {
      line_.GoBack(before);
      break;
    }
    is_first = false;
  }
}

void WatchedLoop::WriteShares(std::int32_t slot) {
  std::array<std::uint16_t, kContexts> order{};
  std::size_t count = 0;
  for (std::size_t n = 0; n < seen_count_; ++n) {
    if (seen_[n].slot == slot && IsShare(seen_[n].samples)) {
      order[count++] = static_cast<std::uint16_t>(n);
    }
  }
  std::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count),
            [this](std::uint16_t one, std::uint16_t other) {
              return seen_[one].samples != seen_[other].samples ? seen_[one].samples > seen_[other].samples
                                                                : one < other;
            });
  for (std::size_t n = 0; n < count; ++n) {
    const Seen& seen = seen_[order[n]];
    const std::size_t before = line_.size();
    line_.Raw(n == 0 ? "{\"share\":" : ",{\"share\":");
    line_.Thousandths(ShareOf(seen.samples));
    line_.Raw(",");
    WriteIdentity(&line_, seen.serial, seen.made);
    line_.Raw({seen.text.data(), seen.length});
    line_.Raw("}");
    if (line_.is_full()) {
      line_.GoBack(before);
      return;
    }
  }
}

}  // namespace context
