'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const { finished } = require('node:stream/promises');

const { awaiting, cases, prepared, stepIn, stepThrough, stepsAt, stepsIn } = require('../case');

/** A folder for the units of work, and a file in it for each. */
function folder(after) {
  const at = fs.mkdtempSync(path.join(os.tmpdir(), 'context-conformance-'));
  after(() => fs.rmSync(at, { recursive: true }));
  return (owner) => {
    const file = path.join(at, `unit-${owner}`);
    fs.writeFileSync(file, 'first line\nsecond line\nthird line\n');
    return file;
  };
}

const byName = {
  'fs: callbacks': (step, file, more) =>
    stepsIn(
      {
        stat: (callback) => fs.stat(file, callback),
        readFile: (callback) => fs.readFile(file, callback),
        writeFile: (callback) => fs.writeFile(`${file}-copy`, 'text', callback),
        readdir: (callback) => fs.readdir(path.dirname(file), callback),
        'an error': (callback) => fs.access(`${file}-missing`, callback),
      },
      step,
      more,
    ),
  'fs: callbacks with a descriptor'(step, file, more) {
    const descriptor = fs.openSync(file, 'r+');
    stepsIn(
      {
        open: (callback) => fs.open(file, 'r', (error, opened) => fs.close(opened, callback)),
        read: (callback) => fs.read(descriptor, Buffer.alloc(8), 0, 8, 0, callback),
        writev: (callback) => fs.writev(descriptor, [Buffer.from('a'), Buffer.from('b')], callback),
        fsync: (callback) => fs.fsync(descriptor, callback),
        close: (callback) => fs.close(descriptor, callback),
      },
      step,
      more,
    );
  },
  async 'fs/promises'(step, file) {
    await fs.promises.stat(file);
    step('stat');
    await fs.promises.copyFile(file, `${file}-copy`);
    step('copyFile');
    await fs.promises.readFile(file);
    step('readFile');
    await fs.promises.access(`${file}-missing`).catch(() => step('catch'));
    const directory = await fs.promises.opendir(path.dirname(file));
    step('opendir');
    await stepThrough(directory, step, 'entry');
  },
  async 'fs/promises: FileHandle'(step, file) {
    const handle = await fs.promises.open(file);
    step('open');
    await handle.read(Buffer.alloc(4), 0, 4, 0);
    step('read');
    await stepThrough(handle.readLines(), step, 'line');
    step('after');
  },
  'fs: createReadStream and createWriteStream': awaiting((step, file) => {
    const reader = fs.createReadStream(file, { highWaterMark: 8 });
    const writer = fs.createWriteStream(`${file}-copy`);
    reader.pipe(writer).on('finish', () => step('finish'));
    return Promise.all([stepsAt(reader, step, 'open', 'data', 'close'), finished(writer)]);
  }),
  'fs.watch': awaiting(async (step, file) => {
    const watcher = fs.watch(file, () => watcher.close());
    const closed = stepsAt(watcher, step, 'change', 'close');
    await stepIn((callback) => fs.appendFile(file, 'more', callback), step, 'appendFile');
    await closed;
  }),
  'fs.watchFile': (step, file, { done }) => {
    let isChanged = false;
    fs.watchFile(file, { interval: 5 }, () => {
      step('change');
      fs.unwatchFile(file);
      isChanged = true;
    });
    // Again and again: what is written before the thread pool has first looked at the file is no change.
    const write = () => fs.appendFile(file, 'more', () => (isChanged ? done() : setTimeout(write, 5)));
    write();
  },
  'fs/promises: watch': awaiting(async (step, file) => {
    setImmediate(() => fs.appendFile(file, 'more', () => {}));
    for await (const change of fs.promises.watch(file)) return step(change.eventType);
  }),
  'readline: events': (step, file) =>
    stepsAt(readline.createInterface({ input: fs.createReadStream(file) }), step, 'line', 'close'),
  'readline: for await': awaiting((step, file) =>
    stepThrough(readline.createInterface({ input: fs.createReadStream(file) }), step),
  ),
};

const withFile = (start) => (step, more) => start(step, more.shared(more.owner), more);

module.exports = cases(
  prepared(folder, Object.fromEntries(Object.entries(byName).map(([name, start]) => [name, withFile(start)]))),
);
