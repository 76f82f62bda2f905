#include "host.h"

#ifdef _WIN32
#include <windows.h>

#include <array>
#else
#include <dlfcn.h>
#endif

namespace context {

namespace {

constexpr char kPlace = 0;

}  // namespace

#ifdef _WIN32

namespace {

// The module that exports Node-API: the program, whatever its name, or the library of a shared build.
HMODULE Host() {
  const std::array<const wchar_t*, 3> names = {nullptr, L"libnode.dll", L"node.dll"};
  for (const wchar_t* const name : names) {
    HMODULE module = GetModuleHandleW(name);
    if (module != nullptr && GetProcAddress(module, "napi_create_function") != nullptr) {
      return module;
    }
  }
  return nullptr;
}

}  // namespace

void* HostSymbol(const char* name) {
  static HMODULE host = Host();
  return host == nullptr ? nullptr : reinterpret_cast<void*>(GetProcAddress(host, name));
}

void KeepLoaded() {
  HMODULE module = nullptr;
  static_cast<void>(GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                                       reinterpret_cast<LPCWSTR>(&kPlace), &module));
}

#else

void* HostSymbol(const char* name) { return dlsym(RTLD_DEFAULT, name); }

void KeepLoaded() {
  Dl_info info{};
  static const void* const kept =
      dladdr(&kPlace, &info) == 0 ? nullptr : dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
  static_cast<void>(kept);
}

#endif

}  // namespace context
