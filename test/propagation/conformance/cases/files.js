'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const { finished } = require('node:stream/promises');

const { cases, prepared, stepThrough } = require('../case');

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

module.exports = cases(
  prepared(folder, {
    'fs: callbacks': (step, { shared, owner, done }) => {
      const file = shared(owner);
      fs.stat(file, () => {
        step('stat');
        fs.readFile(file, () => {
          step('readFile');
          fs.writeFile(`${file}-copy`, 'text', () => {
            step('writeFile');
            fs.readdir(path.dirname(file), () => {
              step('readdir');
              fs.access(`${file}-missing`, () => done(step('an error')));
            });
          });
        });
      });
    },
    'fs: callbacks with a descriptor': (step, { shared, owner, done }) => {
      fs.open(shared(owner), 'r+', (error, file) => {
        step('open');
        fs.read(file, Buffer.alloc(8), 0, 8, 0, () => {
          step('read');
          fs.writev(file, [Buffer.from('a'), Buffer.from('b')], () => {
            step('writev');
            fs.fsync(file, () => {
              step('fsync');
              fs.close(file, () => done(step('close')));
            });
          });
        });
      });
    },
    async 'fs/promises'(step, { shared, owner }) {
      const file = shared(owner);
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
    async 'fs/promises: FileHandle'(step, { shared, owner }) {
      const file = await fs.promises.open(shared(owner));
      step('open');
      await file.read(Buffer.alloc(4), 0, 4, 0);
      step('read');
      await stepThrough(file.readLines(), step, 'line');
      step('after');
    },
    async 'fs: createReadStream and createWriteStream'(step, { shared, owner }) {
      const file = shared(owner);
      const reader = fs.createReadStream(file, { highWaterMark: 8 });
      const writer = fs.createWriteStream(`${file}-copy`);
      reader.on('open', () => step('open')).on('data', () => step('data'));
      const closed = new Promise((resolve) => reader.on('close', () => resolve(step('close'))));
      reader.pipe(writer).on('finish', () => step('finish'));
      await Promise.all([closed, finished(writer)]);
      step('awaited');
    },
    async 'fs.watch'(step, { shared, owner }) {
      const file = shared(owner);
      const watcher = fs.watch(file, () => {
        step('change');
        watcher.close();
      });
      const closed = new Promise((resolve) => watcher.on('close', () => resolve(step('close'))));
      await new Promise((resolve) => fs.appendFile(file, 'more', () => resolve(step('appendFile'))));
      await closed;
      step('awaited');
    },
    'fs.watchFile': (step, { shared, owner, done }) => {
      const file = shared(owner);
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
    async 'fs/promises: watch'(step, { shared, owner }) {
      const file = shared(owner);
      setImmediate(() => fs.appendFile(file, 'more', () => {}));
      // eslint-disable-next-line no-unused-vars
      for await (const change of fs.promises.watch(file)) {
        step('change');
        break;
      }
      step('after');
    },
    'readline: events': (step, { shared, owner, done }) => {
      const lines = readline.createInterface({ input: fs.createReadStream(shared(owner)) });
      lines.on('line', () => step('line')).on('close', () => done(step('close')));
    },
    async 'readline: for await'(step, { shared, owner }) {
      const lines = readline.createInterface({ input: fs.createReadStream(shared(owner)) });
      await stepThrough(lines, step, 'loop');
      step('after');
    },
  }),
);
