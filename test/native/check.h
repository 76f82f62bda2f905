#ifndef CONTEXT_TEST_NATIVE_CHECK_H_
#define CONTEXT_TEST_NATIVE_CHECK_H_

#include <cstdio>
#include <cstdlib>

namespace context {

// Ends the program with the place of a check that fails: a fuzzer counts an abort as a finding.
inline void Check(bool holds, const char* what, const char* file, int line) {
  if (!holds) {
    std::fprintf(stderr, "%s:%d: %s\n", file, line, what);
    std::abort();
  }
}

}  // namespace context

#define CHECK(condition) ::context::Check((condition), #condition, __FILE__, __LINE__)

#endif  // CONTEXT_TEST_NATIVE_CHECK_H_
