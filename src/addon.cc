#include "core.h"

// Registers the module. It is context-aware: each environment that loads it, on whichever thread, has its own
// Core.
namespace context {

NODE_API_ADDON(Core)

}  // namespace context
