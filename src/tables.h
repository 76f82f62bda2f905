#ifndef CONTEXT_SRC_TABLES_H_
#define CONTEXT_SRC_TABLES_H_

#include <mutex>

#include "frame_table.h"
#include "label_table.h"
#include "namespace_table.h"

namespace context {

// All tables of one environment. Only its thread changes them; it holds the mutex for each change, but not
// for reading. Other threads hold it while they read, so that nothing is freed or moved meanwhile.
// JavaScript's hot paths write to memory of open pages without the mutex.
struct Tables {
  std::mutex mutex;
  NamespaceTable namespaces;
  FrameTable frames;
  LabelTable labels;
};

}  // namespace context

#endif  // CONTEXT_SRC_TABLES_H_
