'use strict';

// Preloaded by each Node.js that tools/test-arm64.js starts. A test that starts process.execPath must start the emulator, because the
// system can't run a binary of another architecture: so the path becomes that of a script that calls it.
process.execPath = process.env.CONTEXT_EMULATED_NODE;
