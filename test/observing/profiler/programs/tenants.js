'use strict';

const { createNamespace } = require('context');

const { burn } = require('../burn');

const namespace = createNamespace('tenants');
// The second one is what a client might put into the path of a request.
const STRANGE = '\u009b31m\u001b[2J\n\u007f\u009d\u202e\u2066\ud800é 😀';
for (const tenant of ['acme', STRANGE]) namespace.createContext({ tenant }).run(() => burn());
if (process.argv.includes('throw')) throw new Error('of the program');
