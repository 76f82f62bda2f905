'use strict';

const assert = require('node:assert');

const { runNode } = require('../support/child');

/** Less stack than usual overflows sooner. */
const runWithSmallStack = (program) => runNode(['--stack-size=250', '-e', program]);

/** By what overflows the stack, a function that does so, nested in contexts. */
const recursions = {
  run: 'const f = () => namespace.run(f);',
  'run of one context': 'const one = namespace.createContext(); const f = () => one.run(f);',
  'run of default contexts': 'const f = () => namespace.active.run(() => outside[0].run(f));',
  'bound functions': 'const f = () => namespace.createContext().bind(f)();',
  'two namespaces': 'const f = () => namespace.run(() => other.run(f));',
  'contexts with listeners': `
    const f = () => {
      const context = namespace.createContext();
      context.on('end', () => {});
      context.run(f);
    };`,
  'contexts that are caught': `
    const f = () => {
      try {
        namespace.run(f);
      } catch (error) {
        other.active.set('caught', error);
        throw error;
      }
    };`,
  'async functions': 'const f = () => namespace.run(async () => { await f(); }).catch(() => {});',
};

describe('a program whose stack overflows in contexts', () => {
  for (const [what, recursion] of Object.entries(recursions)) {
    it(`is in none of them afterwards, and goes on: ${what}`, async () => {
      const { code, stdout, stderr } = await runWithSmallStack(`
        const { createNamespace } = require('context');
        const [namespace, other] = ['one', 'other'].map((name) => createNamespace(name));
        const outside = [namespace.active, other.active];
        ${recursion}
        process.on('warning', () => {});
        // If not even a handler could be put on a promise.
        process.on('unhandledRejection', () => {});
        // By another depth each time, it overflows in another place.
        const from = (depth) => (depth > 0 ? from(depth - 1) : f());
        let left = 0;
        for (let turn = 0; turn < 40; turn++) {
          try {
            from(turn);
          } catch (error) {
            if (!(error instanceof RangeError)) throw error;
          }
          const active = [namespace.active, other.active];
          active.forEach((context, index) => {
            if (context !== outside[index]) left++;
            while (outside.every((one) => one !== active[index]) && active[index] !== outside[index]) {
              active[index].exit();
              active[index] = [namespace, other][index].active;
            }
          });
        }
        setImmediate(() => namespace.run(() => {
          namespace.set('id', 1);
          setImmediate(() => console.log(left, namespace.get('id')));
        }));
      `);
      assert.deepStrictEqual([code, stdout], [0, '0 1\n'], stderr.slice(0, 2000));
    });
  }
});

/** By what overflows the stack inside of an OpenTelemetry context, a function that does so. */
const otherRecursions = {
  'with of OpenTelemetry': 'const f = () => manager.with(one, f);',
  'with of OpenTelemetry, and run in it': 'const f = () => manager.with(one, () => namespace.run(f));',
  'run, and with of OpenTelemetry in it': 'const f = () => namespace.run(() => manager.with(one, f));',
  'run inside of one with': 'const g = () => namespace.run(g); const f = () => manager.with(one, g);',
  'bound functions of OpenTelemetry': 'const f = () => manager.bind(one, f)();',
  'with of OpenTelemetry, and a domain in it': 'const d = domain.create(); const f = () => manager.with(one, () => d.run(f));',
  'listeners of an emitter that was added': `
    const emitter = manager.bind(one, namespace.createContext().add(other.createContext().add(new EventEmitter())));
    emitter.on('event', () => emitter.emit('event'));
    const f = () => emitter.emit('event');`,
};

describe('a program whose stack overflows in contexts of OpenTelemetry and others', () => {
  for (const [what, recursion] of Object.entries(otherRecursions)) {
    for (const [how, around] of Object.entries({
      'by itself': '(call) => call()',
      'inside with': '(call) => manager.with(two, call)',
    })) {
      it(`is in none of them afterwards: ${what}, ${how}`, async () => {
        const { code, stdout, stderr } = await runWithSmallStack(`
          const { EventEmitter } = require('events');
          const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');
          const { createNamespace } = require('context');
          const domain = require('context/domain');
          const manager = new (require('context/opentelemetry').ContextManager)();
          const [one, two] = ['one', 'two'].map((name) => ROOT_CONTEXT.setValue(createContextKey('name'), name));
          const [namespace, other] = ['one', 'other'].map((name) => createNamespace(name));
          const outside = [namespace.active, other.active];
          process.on('warning', () => {});
          ${recursion}
          const from = (depth) => (depth > 0 ? from(depth - 1) : f());
          const around = ${around};
          const overflow = (turn) => {
            let thrown;
            try { from(turn); } catch (error) { thrown = error; }
            if (!(thrown instanceof RangeError)) throw thrown ?? new Error('There was no overflow');
          };
          let left = 0;
          for (let turn = 0; turn < 25; turn++) {
            try {
              around(() => overflow(turn));
            } catch (error) {
              if (!(error instanceof RangeError)) throw error;
            }
            if (manager.active() !== ROOT_CONTEXT) left++;
            if (namespace.active !== outside[0] || other.active !== outside[1]) left++;
          }
          setImmediate(() => manager.with(one, () => namespace.run(() => {
            setImmediate(() => console.log(left, manager.active() === one, namespace.active !== outside[0]));
          })));
        `);
        assert.deepStrictEqual([code, stdout], [0, '0 true true\n'], stderr.slice(0, 2000));
      });
    }
  }
});

/** What may run out of stack: each step does all or, if it throws, nothing. `undo` lists what is still to be exited. */
const operations = {
  'enter and exit': ['context.enter()', 'context.exit()'],
  'enter on top of another one': ['home.enter(); undo = [home]; context.enter(); undo = [context, home]', ''],
  'exit from under another one': [
    'home.enter(); undo = [home]; inner.enter(); undo = [inner, home]; home.exit(); undo = [inner]',
    '',
  ],
  run: ['context.run(() => {})', ''],
  'run, whose callback throws': [
    'try { context.run(() => { throw 1; }); } catch (error) { if (error !== 1) throw error; }',
    '',
  ],
  'run, which enters another namespace': ['context.run(() => {}); other.run(() => {})', ''],
  'async run': ['context.run(async () => {}).catch(() => {})', ''],
  'a bound function': ['bound()', ''],
  'an event': ["emitter.emit('event')", ''],
  'a context that is created': ["namespace.createContext().set('key', 1)", ''],
  'with of OpenTelemetry': ['manager.with(one, () => {})', ''],
  'run of cls': ['session.run(() => {})', ''],
};

describe('an operation that runs out of stack', () => {
  for (const [what, [call, undo]] of Object.entries(operations)) {
    it(`changes nothing: ${what}`, async () => {
      const { code, stdout, stderr } = await runWithSmallStack(`
        const { EventEmitter } = require('events');
        const { ROOT_CONTEXT, createContextKey } = require('@opentelemetry/api');
        const { createNamespace } = require('context');
        const { assertActive } = require('./test/support/core-view');
        const manager = new (require('context/opentelemetry').ContextManager)();
        const one = ROOT_CONTEXT.setValue(createContextKey('name'), 'one');
        const session = require('context/cls').createNamespace('session');
        const [namespace, other] = ['one', 'other'].map((name) => createNamespace(name));
        const [context, home, inner] = [1, 2, 3].map(() => namespace.createContext());
        const bound = home.run(() => context.bind(() => {}));
        const emitter = context.add(other.createContext().add(new EventEmitter())).on('event', () => {});
        process.on('warning', () => {});
        process.on('unhandledRejection', () => {});
        process.on('uncaughtException', (error) => { if (!(error instanceof RangeError)) throw error; });
        // What has to be undone has to be so with more stack than there is now.
        let undo = [];
        const counts = { done: 0, failed: 0 };
        const attempt = () => {
          try {
            ${call};
          } catch (error) {
            if (!(error instanceof RangeError)) throw error;
            return false;
          }
          return true;
        };
        const outside = [namespace.active, other.active];
        const check = (worked) => {
          for (const entered of undo) entered.exit();
          undo = [];
          if (worked) { ${undo}; }
          counts[worked ? 'done' : 'failed']++;
          const wrong = namespace.active !== outside[0] || other.active !== outside[1] || manager.active() !== ROOT_CONTEXT || session.active;
          if (wrong) throw new Error('Something is still entered: ' + worked);
          assertActive(outside[0]);
          assertActive(outside[1]);
        };
        // Each attempt has a little less of the stack left than the one before; it is checked with all of it.
        const padded = (left) => { if (left > 0) return padded(left - 1); return attempt(); };
        for (let round = 0; round < 5; round++) {
          let [from, to] = [100, 100_000];
          // Finds about where there is no room at all.
          while (to - from > 50) {
            const middle = (from + to) >> 1;
            let fits = true;
            try { fits = padded(middle); } catch (error) { if (!(error instanceof RangeError)) throw error; fits = undefined; }
            check(fits === true);
            if (fits) from = middle; else to = middle;
          }
          for (let depth = from - 100; depth < to + 50; depth++) {
            let worked;
            try { worked = padded(depth); } catch (error) { if (!(error instanceof RangeError)) throw error; worked = false; }
            check(worked);
          }
        }
        console.log(counts.done > 0, counts.failed > 0);
      `);
      assert.deepStrictEqual([code, stdout], [0, 'true true\n'], stderr.slice(0, 2000));
    });
  }
});

describe('a thread whose first entry overflows the stack', () => {
  it('carries contexts all the same, wherever it was', async () => {
    const { code, stdout, stderr } = await runNode(`
      const { Worker } = require('worker_threads');
      const program = \`
        const { parentPort, workerData } = require('worker_threads');
        const namespace = require('context').createNamespace('first');
        let isEntered = false;
        // The deepest call enters first, then the one around it, until one has room for it.
        const recurse = () => {
          try { recurse(); } catch {}
          if (isEntered) return;
          try {
            namespace.run(() => {});
            isEntered = true;
          } catch {}
        };
        setImmediate(() => {
          recurse();
          namespace.run(async () => {
            namespace.set('id', 1);
            const inTimer = new Promise((resolve) => setTimeout(() => resolve(namespace.get('id')), 1));
            await null;
            parentPort.postMessage([isEntered, namespace.get('id'), await inTimer].join());
          });
        });
      \`;
      const seen = new Set();
      // Each worker has some words of stack less than the one before, so that calls end elsewhere.
      const start = (count) => {
        if (count === 0) return console.log(...seen);
        const worker = new Worker(program, { eval: true, resourceLimits: { stackSizeMb: 0.5 - (count * 8) / 2 ** 20 } });
        worker.on('message', (message) => seen.add(message));
        worker.on('exit', () => start(count - 1));
      };
      start(32);
    `);
    assert.deepStrictEqual([code, stdout], [0, 'true,1,1\n'], stderr);
  });
});

describe('a small stack', () => {
  const program = `
    const namespace = require('context').createNamespace('small');
    const observers = ['usage', 'watchdog', 'profiler'].map((name) => [require('context/' + name), name === 'profiler' ? { keys: ['id'] } : {}]);
    namespace.run(async () => {
      namespace.set('id', 1);
      for (const [{ start }, options] of observers) await (await start(options)).stop();
      await new Promise((resolve) => setTimeout(resolve));
      console.log(namespace.get('id'));
    });`;

  it('is enough for the first entry and the observers', async () => {
    const inWorker = `new (require('worker_threads').Worker)(${JSON.stringify(program)}, { eval: true, resourceLimits: { stackSizeMb: SIZE } });`;
    const runs = [
      ['--stack-size=100', '-e', program],
      ...['0.3', '0.31'].map((size) => ['-e', inWorker.replace('SIZE', size)]),
    ];
    for (const { code, stdout, stderr } of await Promise.all(runs.map((args) => runNode(args)))) {
      assert.deepStrictEqual([code, stdout], [0, '1\n'], stderr);
    }
  });
});
