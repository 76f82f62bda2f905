'use strict';

/**
 * All measures:
 *
 *   name      for `--only`, like its group
 *   counts    numbers of namespaces (stores, managers) to measure with
 *   where     for timed ones, where the operation runs: `inside` a context of each namespace, `deep` in ten nested contexts of the
 *             first one, or `outside` all contexts
 *   once      whether one round is enough
 *   beside    whether to also measure this package with an AsyncLocalStorage in use
 *   figures   its results: the name in the child's message, the label and the unit
 */

const figuresOf = (all) => all.map(([name, label, unit]) => ({ name, label, unit }));
const timed = (group, where, counts, name, label = name) => ({
  ...{ name, group, where, counts, once: false, beside: group === 'carrying' },
  figures: figuresOf([[name, label, 'ns']]),
});
const carrying = (name, counts = [1]) => timed('carrying', 'inside', counts, name);
const using = (where, counts, name, label) => timed('using', where, counts, name, label);
const other = (name, group, count, once, ...figures) => ({ name, group, counts: [count], once, figures: figuresOf(figures) });

module.exports = [
  carrying('await', [1, 2, 5, 10]),
  carrying('then', [1, 2, 5, 10]),
  ...['nextTick', 'setImmediate', 'setTimeout', 'queueMicrotask', 'fs.stat', 'EventEmitter'].map((name) => carrying(name)),
  timed('carrying', 'outside', [1], 'loop', 'a request of 8 awaits'),

  using('inside', [1, 10], 'get'),
  using('deep', [1, 10], 'get-deep', 'get, depth 10'),
  using('inside', [1], 'set'),
  using('outside', [1], 'unit'),
  using('outside', [2, 5, 10], 'nested'),
  using('inside', [1], 'bind'),
  using('outside', [1], 'bound', 'bound call'),
  using('outside', [1], 'listener', 'bound listener'),

  other(
    ...['http', 'serving', 3, false],
    ...[
      ['requests', 'requests', 'k/s'],
      ['cpu', 'CPU/request', 'µs'],
      ['p50', 'p50', 'ms'],
      ['p99', 'p99', 'ms'],
    ],
  ),
  other('fastify', 'logging', 1, false, ['fastify', 'requests', 'k/s'], ['fastify-cpu', 'CPU/request', 'µs']),
  other('depth', 'stack', 1, true, ['depth', 'nested calls', 'levels']),
  other('living', 'memory', 1, true, ['context', 'context', 'bytes'], ['operation', 'operation', 'bytes']),
  other('resident', 'memory', 3, true, ['resident', 'resident', 'MiB']),
];
