#include "json_line.h"

#include <cstring>

namespace context {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

bool IsControl(std::uint32_t character) {
  return character < 0x20 || (character >= 0x7f && character < 0xa0) || character == 0x2028 ||
         character == 0x2029;
}

}  // namespace

void JsonLine::Raw(std::string_view text) {
  is_full_ = is_full_ || size_ + text.size() > kCapacity - kReserve;
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

void JsonLine::Escaped(std::uint32_t character) {
  const std::array<char, 6> text = {'\\',
                                    'u',
                                    kHexDigits[(character >> 12U) & 15U],
                                    kHexDigits[(character >> 8U) & 15U],
                                    kHexDigits[(character >> 4U) & 15U],
                                    kHexDigits[character & 15U]};
  Raw({text.data(), text.size()});
}

void JsonLine::String(std::string_view utf8) {
  Raw("\"");
  for (std::size_t at = 0; at < utf8.size(); ++at) {
    const auto byte = static_cast<unsigned char>(utf8[at]);
    const bool is_two_bytes = byte == 0xc2 && at + 1 < utf8.size();
    if (byte == '"' || byte == '\\') {
      Raw("\\");
      Raw(utf8.substr(at, 1));
    } else if (IsControl(byte) && byte < 0x80) {
      Escaped(byte);
    } else if (is_two_bytes && static_cast<unsigned char>(utf8[at + 1]) < 0xa0) {
      Escaped(static_cast<unsigned char>(utf8[++at]));
    } else {
      Raw(utf8.substr(at, 1));
    }
  }
  Raw("\"");
}

void JsonLine::String(std::u16string_view utf16) {
  Raw("\"");
  for (const char16_t unit : utf16) {
    if (unit >= 0x80 || IsControl(unit)) {
      Escaped(unit);
    } else {
      const char character = static_cast<char>(unit);
      if (character == '"' || character == '\\') {
        Raw("\\");
      }
      Raw({&character, 1});
    }
  }
  Raw("\"");
}

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
  // The date of a day, counted in eras of 400 years that begin with a March.
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
