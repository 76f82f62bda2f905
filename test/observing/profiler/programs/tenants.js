'use strict';

const { createNamespace } = require('context');

const { burn } = require('../burn');

const namespace = createNamespace('tenants');
for (const tenant of ['acme', 'umbrella']) namespace.createContext({ tenant }).run(() => burn());
if (process.argv.includes('throw')) throw new Error('of the program');
