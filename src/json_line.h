#ifndef CONTEXT_SRC_JSON_LINE_H_
#define CONTEXT_SRC_JSON_LINE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace context {

// One line of JSON in a fixed buffer, without allocation. Once something does not fit, everything after it is
// dropped and `is_full` is set; to drop whole elements, go back to a size at which everything fitted.
// Brackets can always be closed, from a reserve.
class JsonLine {
 public:
  static constexpr std::size_t kCapacity = 16'384;

  void Clear() {
    size_ = 0;
    limit_ = kCapacity - kReserve;
    is_full_ = false;
  }

  // The remaining bytes.
  std::size_t room() const { return limit_ - std::min(limit_, size_); }

  // Reserves bytes for later content, until the next call.
  void Leave(std::size_t bytes) { limit_ = kCapacity - kReserve - std::min(bytes, kCapacity - kReserve); }

  // Appends ASCII text unchanged.
  void Raw(std::string_view text);

  // Appends closing brackets, for which there is always room.
  void Close(std::string_view text);

  // Appends a quoted string. Escapes control characters, because terminals interpret them. Truncates it
  // between characters, with an ellipsis, to `limit` bytes between the quotes.
  void String(std::string_view utf8, std::size_t limit = kCapacity);
  void String(std::u16string_view utf16, std::size_t limit = kCapacity);

  // The size of a string between its quotes.
  static std::size_t SizeOf(std::string_view utf8);

  void Number(std::int64_t number);

  // Appends thousandths as a number with up to three decimals.
  void Thousandths(std::int64_t number);

  // Appends nanoseconds as milliseconds with one decimal.
  void Milliseconds(std::int64_t nanoseconds);

  // Appends a time, in milliseconds since 1970, as an ISO 8601 string.
  void Time(std::int64_t milliseconds);

  std::size_t size() const { return size_; }
  bool is_full() const { return is_full_; }
  std::string_view text() const { return {text_.data(), size_}; }

  // Goes back to a size at which everything fitted.
  void GoBack(std::size_t size) {
    size_ = size;
    is_full_ = false;
  }

 private:
  static constexpr std::size_t kReserve = 128;

  // The maximum size of an escaped byte of UTF-8 or unit of UTF-16.
  static constexpr std::size_t kLongest = 6;

  void Append(std::string_view text);

  template <typename Text>
  void Quoted(Text text, std::size_t limit);

  // Appends a number padded with zeros.
  void Padded(std::int64_t number, std::size_t digits);

  std::array<char, kCapacity> text_;
  std::size_t size_ = 0;
  std::size_t limit_ = kCapacity - kReserve;
  bool is_full_ = false;
};

}  // namespace context

#endif  // CONTEXT_SRC_JSON_LINE_H_
