// The target of libFuzzer: each five bytes of the input are an operation on one of the core's tables, checked
// against its model. `node tools/fuzz-native.js` builds and runs it.

#include <cstddef>
#include <cstdint>

#include "table_models.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kStep = 5;
  context::TableModels models;
  for (; size >= kStep; data += kStep, size -= kStep) {
    const std::uint32_t argument = data[2] | (data[3] << 8U) | (static_cast<std::uint32_t>(data[4]) << 16U);
    models.Perform(data[0], data[1], argument);
  }
  models.CheckAll();
  return 0;
}
