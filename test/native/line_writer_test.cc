// Unit tests of what lines are written with, and of lines of JSON, without Node.js. A check that fails ends
// the program with its line.

#include "../../src/line_writer.h"

#include <fcntl.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): posix_openpt is in this one
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "../../src/json_line.h"
#include "check.h"

namespace context {
namespace {

using Ends = std::array<int, 2>;  // the one to be read, and the one to be written

// How long something may last that must not wait, in milliseconds, on a machine that is busy.
constexpr std::int64_t kAtOnce = 700;

template <typename Call>
std::int64_t TimeOf(Call call) {
  const auto begin = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin)
      .count();
}

// Reads so many lines, or all until the other end is closed.
std::string Read(int fd, std::int64_t lines = INT64_MAX) {
  std::string text;
  std::array<char, 4096> piece{};
  while (lines > 0) {
    const ssize_t length = read(fd, piece.data(), piece.size());
    if (length <= 0) {
      break;
    }
    lines -= std::count(piece.begin(), piece.begin() + length, '\n');
    text.append(piece.data(), static_cast<std::size_t>(length));
  }
  return text;
}

// How many lines there are, each of which is of one character so many times; it may say how many were lost
// before it.
std::int64_t CountWhole(std::string_view text, std::size_t size) {
  std::int64_t count = 0;
  for (std::size_t begin = 0; begin < text.size(); ++count) {
    const std::size_t end = text.find('\n', begin);
    const std::size_t same = std::min(text.find_first_not_of(text[begin], begin), text.size());
    CHECK(end != std::string::npos && same == begin + size);
    CHECK(text[same] == '\n' || text.substr(same, 2) == "\r\n" || text.substr(same, 8) == ",\"lost\":");
    begin = end + 1;
  }
  return count;
}

std::string ReadFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY);
  std::string text = Read(fd);
  close(fd);
  return text;
}

Ends Pipe() {
  Ends ends{};
  CHECK(pipe(ends.data()) == 0);
  return ends;
}

Ends Socket() {
  Ends ends{};
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  return ends;
}

Ends Terminal() {
  const int controller = posix_openpt(O_RDWR | O_NOCTTY);
  CHECK(controller >= 0 && grantpt(controller) == 0 && unlockpt(controller) == 0);
  return {controller, open(ptsname(controller), O_RDWR | O_NOCTTY)};
}

Ends DoesNotWait(Ends ends) {
  CHECK(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
  return ends;
}

// Neither Add nor Stop waits for a reader, whatever there is to be written to; what does not fit is counted,
// and the rest comes as whole lines once somebody reads.
void ADestinationThatTakesNoMoreMakesNobodyWait(Ends ends) {
  const std::string line = std::string(10'000, 'x');
  auto writer = std::make_unique<LineWriter>(ends[1]);
  CHECK(writer->Start());
  std::int64_t added = 0;
  CHECK(TimeOf([&] {
          for (int n = 0; n < 200; ++n) {
            added += writer->Add(line, "\n") ? 1 : 0;
          }
        }) < kAtOnce);
  CHECK(added >= 9 && added < 200 && writer->error() == EAGAIN);
  CHECK(CountWhole(Read(ends[0], added), line.size()) == added);
  CHECK(writer->Add("{\"a\":1", "}\n"));
  const std::string with_lost = "{\"a\":1,\"lost\":" + std::to_string(200 - added) + "}";
  CHECK(Read(ends[0], 1).substr(0, with_lost.size()) == with_lost);
  // It is stopped while its thread is stuck.
  for (int n = 0; n < 200; ++n) {
    writer->Add(line, "\n");
  }
  CHECK(TimeOf([&writer] { writer->Stop(); }) < kAtOnce);
  // The thread that was left behind ends with the line that it has begun, and lets go of the file.
  close(ends[1]);
  CHECK(Read(ends[0]).size() < 2 * LineWriter::kCapacity);
  close(ends[0]);
}

void WhatWasAddedIsWrittenAtTheEnd() {
  const Ends ends = Pipe();
  LineWriter writer(ends[1]);
  CHECK(writer.Start() && writer.Add("one", "\n") && writer.Add("two", "\n") && writer.error() == 0);
  writer.Stop();
  close(ends[1]);
  CHECK(Read(ends[0]) == "one\ntwo\n");
  close(ends[0]);
  LineWriter none(-1);
  CHECK(none.Start() && none.Add("x", "\n") && none.error() == 0);
  for (const auto& [fd, error] : {std::pair{open("/dev/full", O_WRONLY), ENOSPC}, std::pair{1000, EBADF}}) {
    LineWriter other(fd);
    CHECK(other.Start());
    other.Add("x", "\n");
    while (fd >= 0 && other.error() == 0) {
    }
    CHECK(fd < 0 || other.error() == error);
  }
}

std::string MakeFolder() {
  std::string folder = "/tmp/context-writer-XXXXXX";
  CHECK(mkdtemp(folder.data()) != nullptr);
  return folder;
}

// ThreadSanitizer reports it as an error to close what another thread writes to.
#ifdef __SANITIZE_THREAD__
constexpr bool kCloses = false;
#else
constexpr bool kCloses = true;
#endif

// The number that was given is closed and given to another file; so is the duplicate.
void WhatOthersDoWithDescriptorsIsTheirs() {
  const std::string folder = MakeFolder();
  const std::string path = folder + "/lines";
  const std::string strange = folder + "/strange";
  const auto create = [](const std::string& name) {
    return open(name.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  };
  const int fd = create(path);
  auto writer = std::make_unique<LineWriter>(fd);
  const int duplicate = fd + 1;
  CHECK((fcntl(duplicate, F_GETFD) & FD_CLOEXEC) != 0);
  close(fd);
  CHECK(create(strange) == fd);
  CHECK(writer->Start() && writer->Add("one", "\n"));
  while (ReadFile(path) != "one\n") {
  }
  close(duplicate);
  CHECK(create(strange) == duplicate);
  CHECK(writer->Add("two", "\n"));
  while (writer->error() == 0) {
  }
  CHECK(writer->error() == EBADF);
  writer = nullptr;
  CHECK(fcntl(duplicate, F_GETFD) >= 0 && ReadFile(path) == "one\n" && ReadFile(strange).empty());
  close(fd);
  close(duplicate);
  unlink(path.c_str());
  unlink(strange.c_str());
  rmdir(folder.c_str());
}

void LinesThatSeveralAppendToOneFileAreWhole() {
  const std::string folder = MakeFolder();
  const std::string path = folder + "/lines";
  std::vector<std::thread> threads;
  for (int n = 0; n < 4; ++n) {
    threads.emplace_back([&path, n] {
      const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      LineWriter writer(fd);
      close(fd);
      CHECK(writer.Start());
      const std::string line(15'000, static_cast<char>('a' + n));
      for (int left = 100; left > 0;) {
        left -= writer.Add(line, "\n") ? 1 : 0;
        std::this_thread::sleep_for(std::chrono::microseconds(100));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(CountWhole(ReadFile(path), 15'000) == 400);
  unlink(path.c_str());
  rmdir(folder.c_str());
}

template <typename Text>
std::string Quoted(Text text, std::size_t limit) {
  JsonLine line;
  line.String(text, limit);
  return std::string(line.text());
}

void StringsAreEscapedAndCutBetweenCharacters() {
  CHECK(Quoted(std::string_view("a\"\\\x1b\x7f\xc2\x9b\xe2\x80\xa8 \xc3\xa9 \xf0\x9f\x98\x80"), 100) ==
        R"("a\"\\\u001b\u007f\u009b\u2028 )"
        "\xc3\xa9 \xf0\x9f\x98\x80\"");
  CHECK(Quoted(std::u16string_view(u"\"\n\u00e9\xd83d\xde00\xd800"), 100) ==
        R"("\"\u000a\u00e9\ud83d\ude00\ud800")");
  CHECK(Quoted(std::string_view("abcdef"), 6) == "\"abcdef\"");
  CHECK(Quoted(std::string_view("abcdefg"), 6) == "\"abc\u2026\"");
  CHECK(Quoted(std::string_view("ab\x01\x01"), 12) == R"("ab\u0001…")");
  CHECK(Quoted(std::string_view("\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"), 10) ==
        "\"\xf0\x9f\x98\x80…\"");
  CHECK(Quoted(std::u16string_view(u"\xd83d\xde00\xd83d\xde00"), 18) == R"("\ud83d\ude00…")");
  // What is no UTF-8 stays inside its quotes.
  CHECK(Quoted(std::string_view("\xf0\"\xe2\x80"), 100) == "\"\xf0\\\"\xe2\x80\"");
  CHECK(JsonLine::SizeOf("a\x01") == 7);
}

}  // namespace
}  // namespace context

int main() {
  using namespace context;  // NOLINT(google-build-using-namespace)
  WhatWasAddedIsWrittenAtTheEnd();
  if (kCloses) {
    WhatOthersDoWithDescriptorsIsTheirs();
  }
  LinesThatSeveralAppendToOneFileAreWhole();
  StringsAreEscapedAndCutBetweenCharacters();
  ADestinationThatTakesNoMoreMakesNobodyWait(Pipe());
  ADestinationThatTakesNoMoreMakesNobodyWait(DoesNotWait(Pipe()));
  ADestinationThatTakesNoMoreMakesNobodyWait(Socket());
  ADestinationThatTakesNoMoreMakesNobodyWait(DoesNotWait(Socket()));
  ADestinationThatTakesNoMoreMakesNobodyWait(Terminal());
  return 0;
}
