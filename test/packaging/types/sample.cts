/** Compiled by test/packaging/types/types.test.js, never run: the types as CommonJS gets them. */

import context = require('context');

const namespace: context.Namespace<{ id: number }> = context.createNamespace<{ id: number }>('log');
const id: number | undefined = namespace.get('id');

export = { id };
