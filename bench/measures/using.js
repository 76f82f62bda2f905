'use strict';

const EventEmitter = require('node:events');

/**
 * What is done with a context. Each measure makes a batch, as in carrying.js, of a subject; none if the subject has
 * no such operation.
 */

const nothing = () => {};

/** Where the results go, so that no compiler finds the operations to be useless. */
let result;

const repeated = (operation) =>
  operation &&
  ((operations) => {
    for (let i = 0; i < operations; i++) result = operation();
    return result === nothing;
  });

module.exports = {
  get: ({ get }) => repeated(get),
  'get-deep': ({ get }) => repeated(get),
  set: ({ set }) => repeated(set),
  unit: ({ unit }) => repeated(unit),
  nested: ({ nested }) => repeated(nested && (() => nested(nothing))),
  bind: ({ bind }) => repeated(bind && (() => bind(nothing))),
  bound: ({ bind, inside }) => repeated(bind && inside(() => bind(nothing))),
  listener: ({ listen, inside }) => {
    const emitter = new EventEmitter();
    if (listen) inside(() => void listen(emitter, nothing));
    return repeated(listen && (() => emitter.emit('event')));
  },
};
