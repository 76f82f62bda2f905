#ifdef _WIN32

#include <uv.h>
#include <windows.h>

#include <cstdint>

#include "destination.h"

namespace context {

namespace {

// After how long a write is cancelled, in milliseconds.
constexpr DWORD kPatience = 1000;

static_assert(Destination::kBusy == -UV_EAGAIN);

int ErrorOf(DWORD error) {
  return error == ERROR_OPERATION_ABORTED ? Destination::kBusy
                                          : -uv_translate_sys_error(static_cast<int>(error));
}

}  // namespace

// While one thread writes to a full pipe or a stopped console, every other call on it waits, even one that
// asks for its state. Node.js makes such calls on its main thread, so no write may take long.
struct Destination::Output {
  Output() = default;
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  Output(Output&&) = delete;
  Output& operator=(Output&&) = delete;

  // Duplicates the handle. Returns 0 or an error.
  DWORD Open(int fd);

  // Writes some of the text. Returns 0 or an error.
  DWORD Write(std::string_view text, DWORD* written);

  static void CALLBACK Cancel(PTP_CALLBACK_INSTANCE /*instance*/, void* thread, PTP_TIMER /*timer*/) {
    CancelSynchronousIo(thread);
  }

  HANDLE handle = nullptr;
  HANDLE event = nullptr;   // for pipes whose operations may be asynchronous
  HANDLE thread = nullptr;  // the one that writes
  PTP_TIMER timer = nullptr;
  bool is_pipe = false;
};

Destination::Output::~Output() {
  if (timer != nullptr) {
    CloseThreadpoolTimer(timer);
  }
  for (const HANDLE each : {handle, event, thread}) {
    if (each != nullptr) {
      CloseHandle(each);
    }
  }
}

DWORD Destination::Output::Open(int fd) {
  // Descriptors belong to the C library of Node.js; this one has its own.
  const HANDLE original = uv_get_osfhandle(fd);
  const HANDLE process = GetCurrentProcess();
  if (original == INVALID_HANDLE_VALUE) {
    return ERROR_INVALID_HANDLE;
  }
  event = CreateEventW(nullptr, TRUE, FALSE, nullptr);
  if (event == nullptr ||
      DuplicateHandle(process, original, process, &handle, 0, FALSE, DUPLICATE_SAME_ACCESS) == 0) {
    return GetLastError();
  }
  is_pipe = GetFileType(handle) == FILE_TYPE_PIPE;
  return 0;
}

DWORD Destination::Output::Write(std::string_view text, DWORD* written) {
  if (thread == nullptr) {
    if (DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &thread, 0, FALSE,
                        DUPLICATE_SAME_ACCESS) == 0) {
      return GetLastError();
    }
    timer = CreateThreadpoolTimer(Cancel, thread, nullptr);
    if (timer == nullptr) {
      return GetLastError();
    }
  }
  // Relative times are negative, in units of 100 ns.
  ULARGE_INTEGER due{};
  due.QuadPart = static_cast<ULONGLONG>(-(std::int64_t{kPatience} * 10'000));
  FILETIME time = {due.LowPart, due.HighPart};
  // Again and again: a cancellation that comes just before the write has no effect.
  SetThreadpoolTimer(timer, &time, kPatience, 0);
  OVERLAPPED overlapped{};
  // The lowest bit keeps the result from the completion port that libuv may have for this pipe.
  overlapped.hEvent = reinterpret_cast<HANDLE>(reinterpret_cast<std::uintptr_t>(event) | 1U);
  OVERLAPPED* const operation = is_pipe ? &overlapped : nullptr;
  const auto size = static_cast<DWORD>(text.size());
  DWORD error = WriteFile(handle, text.data(), size, written, operation) != 0 ? 0 : GetLastError();
  SetThreadpoolTimer(timer, nullptr, 0, 0);
  WaitForThreadpoolTimerCallbacks(timer, TRUE);
  if (error == ERROR_IO_PENDING) {
    if (WaitForSingleObject(event, kPatience) != WAIT_OBJECT_0) {
      CancelIoEx(handle, operation);
    }
    error = GetOverlappedResult(handle, operation, written, TRUE) != 0 ? 0 : GetLastError();
  }
  return error;
}

Destination::Destination(int fd) {
  if (fd < 0) {
    return;
  }
  output_ = std::make_unique<Output>();
  const DWORD error = output_->Open(fd);
  error_ = error == 0 ? 0 : ErrorOf(error);
}

Destination::~Destination() = default;

int Destination::Write(std::string_view line, const std::atomic<bool>& is_abandoned) {
  while (!line.empty() && !is_abandoned) {
    DWORD written = 0;
    const DWORD error = output_->Write(line, &written);
    if (error != 0) {
      return ErrorOf(error);
    }
    line.remove_prefix(written);
  }
  return line.empty() ? 0 : kBusy;
}

// Asking would wait for the write in progress.
bool Destination::IsWritable() const { return false; }

}  // namespace context

#endif  // _WIN32
