'use strict';

/**
 * All that is measured. Each measure has
 *
 *   name      for `--only`
 *   group     whose name `--only` takes too
 *   counts    the numbers of namespaces (stores, managers) with which it is measured
 *   where     for the timed ones, where the operation is done: `inside` a context of each namespace, `deep` in ten
 *             nested contexts of the first one, or `outside` of all
 *   once      if one round is enough
 *   beside    if it is also measured with an AsyncLocalStorage in use beside this package
 *   figures   what it gives: the name under which the child process reports it, its label and its unit
 */

const timed = (group, where, counts, name, label = name) => ({
  name,
  group,
  where,
  counts,
  once: false,
  beside: group === 'carrying',
  figures: [{ name, label, unit: 'ns' }],
});

const carrying = (name, counts = [1]) => timed('carrying', 'inside', counts, name);
const using = (where, counts, name, label) => timed('using', where, counts, name, label);

module.exports = [
  carrying('await', [1, 2, 5, 10]),
  carrying('then', [1, 2, 5, 10]),
  carrying('nextTick'),
  carrying('setImmediate'),
  carrying('setTimeout'),
  carrying('queueMicrotask'),
  carrying('fs.stat'),
  carrying('EventEmitter'),
  timed('carrying', 'outside', [1], 'loop', 'a request of 8 awaits'),

  using('inside', [1, 10], 'get'),
  using('deep', [1, 10], 'get-deep', 'get, depth 10'),
  using('inside', [1], 'set'),
  using('outside', [1], 'unit'),
  using('outside', [2, 5, 10], 'nested'),
  using('inside', [1], 'bind'),
  using('outside', [1], 'bound', 'bound call'),
  using('outside', [1], 'listener', 'bound listener'),

  {
    name: 'http',
    group: 'serving',
    counts: [3],
    once: false,
    figures: [
      { name: 'requests', label: 'requests', unit: 'k/s' },
      { name: 'cpu', label: 'CPU/request', unit: 'µs' },
      { name: 'p50', label: 'p50', unit: 'ms' },
      { name: 'p99', label: 'p99', unit: 'ms' },
    ],
  },
  {
    name: 'fastify',
    group: 'logging',
    counts: [1],
    once: false,
    figures: [
      { name: 'fastify', label: 'requests', unit: 'k/s' },
      { name: 'fastify-cpu', label: 'CPU/request', unit: 'µs' },
    ],
  },
  {
    name: 'depth',
    group: 'stack',
    counts: [1],
    once: true,
    figures: [{ name: 'depth', label: 'nested calls', unit: 'levels' }],
  },

  {
    name: 'living',
    group: 'memory',
    counts: [1],
    once: true,
    figures: [
      { name: 'context', label: 'context', unit: 'bytes' },
      { name: 'operation', label: 'operation', unit: 'bytes' },
    ],
  },
  {
    name: 'resident',
    group: 'memory',
    counts: [3],
    once: true,
    figures: [{ name: 'resident', label: 'resident', unit: 'MiB' }],
  },
];
