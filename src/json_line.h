#ifndef CONTEXT_SRC_JSON_LINE_H_
#define CONTEXT_SRC_JSON_LINE_H_

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
    is_full_ = false;
  }

  // Appends a text as it is, of ASCII.
  void Raw(std::string_view text);

  // Appends a text to close what is open: there is room for that.
  void Close(std::string_view text);

  // Appends a string in quotes. Control characters are escaped: terminals obey them.
  void String(std::string_view utf8);
  void String(std::u16string_view utf16);

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

  void Append(std::string_view text);
  void Escaped(std::uint32_t character);

  // Appends a number with zeros in front, up to a number of digits.
  void Padded(std::int64_t number, std::size_t digits);

  std::array<char, kCapacity> text_;
  std::size_t size_ = 0;
  bool is_full_ = false;
};

}  // namespace context

#endif  // CONTEXT_SRC_JSON_LINE_H_
