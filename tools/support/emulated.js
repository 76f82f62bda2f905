'use strict';

// Loaded before everything else by each Node.js that tools/test-arm64.js starts. What a test starts is emulated too: the system cannot
// run a binary of another architecture by itself, so the path that is started is that of a script which calls the emulator.
process.execPath = process.env.CONTEXT_EMULATED_NODE;
