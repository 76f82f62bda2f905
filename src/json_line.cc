#include "json_line.h"

#include <algorithm>
#include <cstring>

namespace context {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kEllipsis = "\u2026";

// Replaces invalid characters.
constexpr std::uint32_t kNone = 0xfffd;

bool IsControl(std::uint32_t character) {
  return character < 0x20 || (character >= 0x7f && character < 0xa0) || character == 0x2028 ||
         character == 0x2029;
}

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80; }

// One character in a JSON string.
struct Character {
  std::array<char, 12> text{};  // at most an escaped surrogate pair
  std::size_t size = 0;

  void Append(char byte) { text[size++] = byte; }

  void Escape(std::uint32_t unit) {
    Append('\\');
    Append('u');
    for (const unsigned shift : {12U, 8U, 4U, 0U}) {
      Append(kHexDigits[(unit >> shift) & 15U]);
    }
  }

  std::string_view view() const { return {text.data(), size}; }
};

void Quote(char byte, Character* character) {
  if (byte == '"' || byte == '\\') {
    character->Append('\\');
  }
  character->Append(byte);
}

// Removes and returns the first character of a text.
Character Take(std::string_view* utf8) {
  const auto lead = static_cast<unsigned char>(utf8->front());
  const std::size_t length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  std::size_t size = 1;
  while (size < std::min(length, utf8->size()) && IsContinuation((*utf8)[size])) {
    ++size;
  }
  const std::string_view bytes = utf8->substr(0, size);
  utf8->remove_prefix(size);
  std::uint32_t code = lead;
  if (size == 2) {
    code = (lead & 0x1fU) << 6U;
  } else if (size == 3) {
    code = ((lead & 0x0fU) << 12U) | ((static_cast<unsigned char>(bytes[1]) & 0x3fU) << 6U);
  }
  if (size < length) {
    code = kNone;
  } else if (size == 2 || size == 3) {
    code |= static_cast<unsigned char>(bytes[size - 1]) & 0x3fU;
  }
  Character character;
  if (size < 4 && IsControl(code)) {
    character.Escape(code);
  } else if (size == 1) {
    Quote(bytes[0], &character);
  } else {
    for (const char byte : bytes) {
      character.Append(byte);
    }
  }
  return character;
}

Character Take(std::u16string_view* utf16) {
  const auto is_in = [utf16](std::size_t index, char16_t first) {
    return index < utf16->size() && ((*utf16)[index] & 0xfc00) == first;
  };
  const std::size_t size = is_in(0, 0xd800) && is_in(1, 0xdc00) ? 2 : 1;
  Character character;
  for (const char16_t unit : utf16->substr(0, size)) {
    if (unit >= 0x80 || IsControl(unit)) {
      character.Escape(unit);
    } else {
      Quote(static_cast<char>(unit), &character);
    }
  }
  utf16->remove_prefix(size);
  return character;
}

template <typename Text>
std::size_t Measure(Text text) {
  std::size_t size = 0;
  while (!text.empty()) {
    size += Take(&text).size;
  }
  return size;
}

}  // namespace

void JsonLine::Raw(std::string_view text) {
  is_full_ = is_full_ || size_ + text.size() > limit_;
  if (!is_full_) {
    Append(text);
  }
}

void JsonLine::Close(std::string_view text) {
  if (size_ + text.size() <= kCapacity) {
    Append(text);
  }
}

void JsonLine::Append(std::string_view text) {
  std::memcpy(text_.data() + size_, text.data(), text.size());
  size_ += text.size();
}

template <typename Text>
void JsonLine::Quoted(Text text, std::size_t limit) {
  Raw("\"");
  const bool is_cut = text.size() * kLongest > limit && Measure(text) > limit;
  std::size_t left = is_cut ? limit - std::min(limit, kEllipsis.size()) : limit;
  while (!text.empty()) {
    const Character character = Take(&text);
    if (is_cut && character.size > left) {
      break;
    }
    left -= is_cut ? character.size : 0;
    Raw(character.view());
  }
  Raw(is_cut ? kEllipsis : "");
  Raw("\"");
}

void JsonLine::String(std::string_view utf8, std::size_t limit) { Quoted(utf8, limit); }

void JsonLine::String(std::u16string_view utf16, std::size_t limit) { Quoted(utf16, limit); }

std::size_t JsonLine::SizeOf(std::string_view utf8) { return Measure(utf8); }

void JsonLine::Number(std::int64_t number) {
  if (number < 0) {
    Raw("-");
  }
  Padded(number < 0 ? -number : number, 1);
}

void JsonLine::Thousandths(std::int64_t number) {
  Number(number / 1000);
  if (number % 1000 != 0) {
    Raw(".");
    Padded(number % 1000, 3);
  }
}

void JsonLine::Milliseconds(std::int64_t nanoseconds) {
  const std::int64_t tenths = (nanoseconds < 0 ? 0 : nanoseconds) / 100'000;
  Number(tenths / 10);
  Raw(".");
  Padded(tenths % 10, 1);
}

void JsonLine::Padded(std::int64_t number, std::size_t digits) {
  std::array<char, 20> text{};
  std::size_t begin = text.size();
  do {
    text[--begin] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (begin > 0 && (number > 0 || text.size() - begin < digits));
  Raw({text.data() + begin, text.size() - begin});
}

void JsonLine::Time(std::int64_t milliseconds) {
  constexpr std::int64_t kDay = 86'400'000;
  const std::int64_t of_day = milliseconds % kDay;
  // Civil date from days, in eras of 400 years that begin in March.
  const std::int64_t day = milliseconds / kDay + 719'468;
  const std::int64_t era = day / 146'097;
  const std::int64_t of_era = day % 146'097;
  const std::int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * of_year + 2) / 153;
  const std::int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  Raw("\"");
  Padded(year_of_era + era * 400 + (month <= 2 ? 1 : 0), 4);
  Raw("-");
  Padded(month, 2);
  Raw("-");
  Padded(of_year - (153 * shifted_month + 2) / 5 + 1, 2);
  Raw("T");
  Padded(of_day / 3'600'000, 2);
  Raw(":");
  Padded(of_day / 60'000 % 60, 2);
  Raw(":");
  Padded(of_day / 1000 % 60, 2);
  Raw(".");
  Padded(of_day % 1000, 3);
  Raw("Z\"");
}

}  // namespace context
