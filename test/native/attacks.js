'use strict';

/**
 * What code may do that has the private binding: detach memory that is shared with the core, and write into it.
 * Each attack leaves the process without a crash and the core usable; what it asks for is refused, or the answer is empty.
 */

const assert = require('node:assert');

const core = require('../../lib/frames/binding');

const LAYOUT = core.layout;

/** The owners of what attacks have opened: it stays open. */
const owners = [{}];

const SLOT = core.createNamespace('attacks', owners[0]);

/** Opens a page in a chunk whose memory is there, and returns its first record. */
function openPage() {
  for (;;) {
    const owner = {};
    owners.push(owner);
    const record = core.openPage(owner);
    if (core.memoryOf(record).length > 0) return record;
  }
}

/** Writes a record as it should be, with exceptions. */
function write(record, words) {
  const memory = core.memoryOf(record);
  const first = (record % LAYOUT.recordsPerChunk) * LAYOUT.words;
  const values = { slot: SLOT, enclosing: 0, depth: 1, serial: 7, frame: record, next: 0, ...words };
  for (const [name, value] of Object.entries(values)) memory[first + LAYOUT[name]] = value;
}

/** Detaches the memory of an array. */
function detach(array) {
  const { buffer } = array;
  // Node.js 22 and later. `structuredClone` converts its arguments, which setters of prototypes disturb there.
  if ('transfer' in buffer) buffer.transfer();
  else structuredClone(buffer, { transfer: [buffer] });
  assert.strictEqual(array.length, 0);
}

const GARBAGE = [-1, -64, -(2 ** 31), 1, 63, 1e6, 1e9, 2 ** 31 - 1];

/** Each is refused, or answered with an array. */
function describeOrRefuse(record) {
  try {
    assert.ok(Array.isArray(core.describe(record)));
  } catch (error) {
    assert.ok(error instanceof RangeError, error);
  }
}

module.exports = {
  'wrong arguments'() {
    for (const wrong of [undefined, null, 'text', {}, Symbol('wrong'), 1n]) {
      for (const method of ['describe', 'memoryOf']) assert.throws(() => core[method](wrong), TypeError);
    }
    for (const wrong of [undefined, null, 1, {}]) assert.throws(() => core.createNamespace(wrong, {}), TypeError);
    for (const wrong of [undefined, null, 'text', 1]) {
      assert.throws(() => core.createNamespace('name', wrong), TypeError);
      assert.throws(() => core.openPage(wrong), TypeError);
    }
    const none = [
      -2,
      0.5,
      NaN,
      Infinity,
      -Infinity,
      1e9,
      2 ** 31 - 1,
      -(2 ** 31),
      2 ** 32 + 64,
      2 ** 32 + 1e9,
      Number.MAX_VALUE,
    ];
    for (const number of none) {
      for (const method of ['describe', 'memoryOf'])
        assert.throws(() => core[method](number), RangeError, `${method}(${number})`);
    }
    // 0 is no record, -1 an unknown one.
    for (const number of [0, -1]) {
      assert.deepStrictEqual(core.describe(number), []);
      assert.throws(() => core.memoryOf(number), RangeError);
    }
  },

  'garbage in records'() {
    const record = openPage();
    write(record, {});
    for (const name of ['slot', 'enclosing', 'depth', 'serial', 'frame', 'next']) {
      for (const value of GARBAGE) {
        write(record, { [name]: value });
        describeOrRefuse(record);
      }
    }
    // Nonsense, a slot that nobody has, circles.
    for (const words of [{ slot: -5 }, { frame: -5 }, { next: -5 }, { slot: 1e6 }, { next: record }]) {
      write(record, words);
      assert.throws(() => core.describe(record), RangeError, Object.keys(words)[0]);
    }
    for (const depth of [1, 5, 2 ** 31 - 1, -(2 ** 31)]) {
      write(record + 1, { depth, enclosing: record, next: record });
      write(record, { depth, enclosing: record + 1, next: record + 1 });
      describeOrRefuse(record);
    }
    const random = core
      .memoryOf(record)
      .subarray((record % LAYOUT.recordsPerChunk) * LAYOUT.words)
      .subarray(0, 64 * LAYOUT.words);
    for (let round = 0; round < 1000; round++) {
      for (let index = 0; index < random.length; index++) {
        random[index] = Math.random() < 0.5 ? record + Math.random() * 64 : (Math.random() - 0.5) * 2 ** 32;
      }
      describeOrRefuse(record + (round % 64));
    }
    random.fill(0);
  },

  'setters on prototypes'() {
    const [record, another] = [openPage(), openPage()];
    write(record, { enclosing: another, depth: 2, next: another });
    write(another, {});
    const names = ['name', 'slot', 'serial', 'depth', 'enclosing', 'pages', 'bytes'];
    const withSetters = (set, callback) => {
      for (const name of names) Object.defineProperty(Object.prototype, name, { __proto__: null, set, configurable: true });
      Object.defineProperty(Array.prototype, 0, { __proto__: null, set, configurable: true });
      try {
        return callback();
      } finally {
        for (const name of names) delete Object.prototype[name];
        delete Array.prototype[0];
      }
    };
    const fail = () => {
      throw new Error('set');
    };
    for (const method of ['describe', 'stats']) {
      withSetters(fail, () => {
        let message;
        try {
          core[method](record);
        } catch (error) {
          message = error.message;
        }
        assert.strictEqual(message, 'set', method);
      });
    }
    assert.deepStrictEqual(core.describe(record)[0].enclosing, [7]);
    // One that detaches the memory in the middle of the call.
    const memory = core.memoryOf(record);
    let calls = 0;
    const described = withSetters(
      () => calls++ === 0 && detach(memory),
      () => core.describe(record),
    );
    assert.ok(calls > 0);
    assert.ok(Array.isArray(described));
    assert.throws(() => core.describe(record), RangeError);
  },

  'the memory of a chunk, detached'() {
    const record = openPage();
    write(record, {});
    detach(core.memoryOf(record));
    assert.throws(() => core.describe(record), RangeError);
    assert.strictEqual(core.memoryOf(record).length, 0);
    // Another chunk comes after that, and is in order.
    const next = openPage();
    write(next, {});
    assert.strictEqual(core.describe(next).length, 1);
    write(next, { next: record });
    assert.throws(() => core.describe(next), RangeError);
    write(next, { enclosing: record, depth: 2 });
    assert.deepStrictEqual(core.describe(next)[0].enclosing, []);
    assert.ok(core.stats().pages > 0 && core.reclaim() > 0);
  },

  'clocks that are to be read into memory that could be detached'() {
    const shared = (Type, length) => new Type(new SharedArrayBuffer(length * Type.BYTES_PER_ELEMENT));
    const values = [
      undefined,
      null,
      3,
      {},
      [],
      new Float64Array(6),
      new SharedArrayBuffer(48),
      new DataView(new ArrayBuffer(16)),
    ];
    const arrays = [shared(Float64Array, 5), shared(Float64Array, 7), shared(Int32Array, 12), shared(BigInt64Array, 6)];
    for (const memory of [...values, ...arrays]) assert.throws(() => core.shareClocks(memory), TypeError);
    core.readClocks();
    const clocks = shared(Float64Array, 6);
    clocks.fill(-2);
    core.shareClocks(clocks);
    assert.deepStrictEqual([...clocks], [-2, -2, -2, -2, -2, -2]);
    core.ignoreWaits();
    core.readClocks();
    for (let time = 0; time < 3; time++) core.noteWaits();
    for (let time = 0; time < 4; time++) core.ignoreWaits();
    const [idle, cpu] = clocks;
    assert.ok(idle >= 0 && (cpu > 0 || cpu === -1));
    core.readClocks();
    assert.ok(clocks[0] >= idle && clocks[1] >= cpu);
    assert.throws(() => detach(clocks));
  },

  'the word that says what is active'() {
    const { activeWord } = core;
    const before = activeWord[0];
    for (const garbage of GARBAGE) {
      activeWord[0] = garbage;
      assert.strictEqual(core.activeRecord(), garbage);
      describeOrRefuse(core.activeRecord());
    }
    activeWord[0] = before;
    for (const name of ['activeWord', 'describe']) assert.throws(() => (core[name] = 1), TypeError);
  },
};

/** The last one of all: nothing is known to be active after that. */
function detachActiveWord() {
  detach(core.activeWord);
  assert.strictEqual(core.activeRecord(), 0);
  core.activeWord[0] = 64;
  assert.strictEqual(core.activeRecord(), 0);
}

Object.defineProperty(module.exports, 'detachActiveWord', { __proto__: null, value: detachActiveWord });
