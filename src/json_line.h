#ifndef CONTEXT_SRC_JSON_LINE_H_
#define CONTEXT_SRC_JSON_LINE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace context {

// One line of JSON, in memory of its own: nothing is allocated. Once something did not fit, all that follows
// is left out, and `is_full` says so; to leave whole things out, go back to where all fitted. There is always
// room to close what is open.
class JsonLine {
 public:
  static constexpr std::size_t kCapacity = 16'384;

  // Begins anew.
  void Clear() {
    size_ = 0;
    limit_ = kCapacity - kReserve;
    is_full_ = false;
  }

  // How many bytes there is room for.
  std::size_t room() const { return limit_ - std::min(limit_, size_); }

  // Has all that follows, until this is said again, leave so many bytes to what is written later.
  void Leave(std::size_t bytes) { limit_ = kCapacity - kReserve - std::min(bytes, kCapacity - kReserve); }

  // Appends a text as it is, of ASCII.
  void Raw(std::string_view text);

  // Appends a text to close what is open: there is room for that.
  void Close(std::string_view text);

  // Appends a string in quotes. Control characters are escaped: terminals obey them. If there are more than
  // `limit` bytes between the quotes, they are cut between two characters, with an ellipsis at the end.
  void String(std::string_view utf8, std::size_t limit = kCapacity);
  void String(std::u16string_view utf16, std::size_t limit = kCapacity);

  // How many bytes a string has between its quotes.
  static std::size_t SizeOf(std::string_view utf8);

  void Number(std::int64_t number);

  // Appends a number with three digits after the point, given in thousandths.
  void Thousandths(std::int64_t number);

  // Appends nanoseconds as milliseconds, with one digit after the point.
  void Milliseconds(std::int64_t nanoseconds);

  // Appends a time in ISO 8601, in quotes, given in milliseconds since 1970.
  void Time(std::int64_t milliseconds);

  std::size_t size() const { return size_; }
  bool is_full() const { return is_full_; }
  std::string_view text() const { return {text_.data(), size_}; }

  // Goes back to an earlier size, at which everything fitted.
  void GoBack(std::size_t size) {
    size_ = size;
    is_full_ = false;
  }

 private:
  static constexpr std::size_t kReserve = 128;

  // How many bytes a byte of UTF-8, or a unit of UTF-16, is at most.
  static constexpr std::size_t kLongest = 6;

  void Append(std::string_view text);

  template <typename Text>
  void Quoted(Text text, std::size_t limit);

  // Appends a number with zeros in front, up to a number of digits.
  void Padded(std::int64_t number, std::size_t digits);

  std::array<char, kCapacity> text_;
  std::size_t size_ = 0;
  std::size_t limit_ = kCapacity - kReserve;
  bool is_full_ = false;
};

}  // namespace context

#endif  // CONTEXT_SRC_JSON_LINE_H_
