#ifndef CONTEXT_SRC_HOST_H_
#define CONTEXT_SRC_HOST_H_

namespace context {

// Looks up a function that Node.js exports, from the program or the shared library that it is in. Returns
// nullptr if there is none.
void* HostSymbol(const char* name);

// Keeps this library loaded until the process ends. Node.js unloads it with the last environment that uses
// it, but V8, the C library or an abandoned thread may call it after that.
void KeepLoaded();

}  // namespace context

#endif  // CONTEXT_SRC_HOST_H_
