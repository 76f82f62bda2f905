#ifndef CONTEXT_SRC_TABLES_H_
#define CONTEXT_SRC_TABLES_H_

#include <mutex>

#include "frame_table.h"
#include "label_table.h"
#include "namespace_table.h"

namespace context {

// All tables of one environment. Its thread alone changes them, and reads them as it likes; it holds the
// mutex for each change. Another thread holds it while it reads: what it reads is neither freed nor moved.
// What JavaScript does where it is hot, it does to the memory of open pages, without the mutex.
struct Tables {
  std::mutex mutex;
  NamespaceTable namespaces;
  FrameTable frames;
  LabelTable labels;
};

}  // namespace context

#endif  // CONTEXT_SRC_TABLES_H_
