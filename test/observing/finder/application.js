'use strict';

/** Writes applications that use a library which loses contexts, and runs them under the finder. */

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');

const { root } = require('../../support/child');

const register = path.join(root, 'lib', 'observing', 'finder', 'register.js');
const command = path.join(root, 'bin', 'context-find.js');

/** Everything of it runs in the context of the first caller, in one timer. */
const LIBRARY = `
const { EventEmitter } = require('node:events');
const waiting = [];
let timer;
const later = (task) => {
  waiting.push(task);
  timer ??= setTimeout(() => {
    timer = undefined;
    for (const each of waiting.splice(0)) each();
  }, 1);
};
exports.later = later;
exports.query = (text, callback) => later(() => callback(null, [text]));
exports.now = (callback) => callback();
const gathered = [];
exports.together = (count, callback) => {
  if (gathered.push(callback) === count) for (const each of gathered.splice(0)) each();
};
exports.ask = ({ done }) => later(() => done());
exports.method = (object) => later(() => object.next());
exports.emitter = new EventEmitter().setMaxListeners(0);
exports.emitLater = () => later(() => exports.emitter.emit('news'));
exports.on = exports.emitter.on.bind(exports.emitter);
exports.queue = (worker) => {
  const jobs = [];
  return { push: (job) => { jobs.push(job); later(() => worker(jobs.shift())); } };
};
exports.batch = (worker) => {
  let keys = [];
  return { load: (key) => { if (keys.push(key) === 1) later(() => worker(keys.splice(0))); } };
};
exports.coroutine = (generator) => {
  const step = () => { if (!generator.next().done) later(step); };
  later(step);
};
exports.promise = () => new Promise((resolve) => later(resolve));
`;

const PRELUDE = `
const lib = require('lib');
const context = require('context');
const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
const request = context.createNamespace('request');
const storage = new AsyncLocalStorage();
const { bind, snapshot } = context;
function read() {
  return process.env.FINDER_ALS ? storage.getStore()?.id : request.get('id');
}
const each = (work, ids = [1, 2, 3]) => ids.map((id) => request.createContext({ id }).run(() => storage.run({ id }, work, id)));
`;

/**
 * A folder with the library, and files besides. It is inside the package, and so finds that by its name, without a link unless it has a
 * package.json of its own.
 */
function makeApplication(files = {}) {
  const parent = path.join(root, '.cache');
  fs.mkdirSync(parent, { recursive: true });
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(parent, 'application-')));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));
  fs.mkdirSync(path.join(folder, 'node_modules', 'lib'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'node_modules', 'lib', 'index.js'), LIBRARY);
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
  if ('package.json' in files) fs.symlinkSync(root, path.join(folder, 'node_modules', 'context'), 'junction');
  return folder;
}

/** Runs node in a folder. */
async function runIn(cwd, args, env = {}) {
  const options = { cwd, env: { ...process.env, NODE_NO_WARNINGS: '1', ...env } };
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, args, options)) };
  } catch ({ code, stdout, stderr }) {
    return { code, stdout, stderr };
  }
}

/**
 * Runs programs, one process for all: each is the body of an asynchronous function. Returns what was found in each.
 * @param {[string, string][]} cases the name and the text
 * @param {string} words the options of the finder
 */
async function findAll(cases, words = '') {
  const bodies = cases.map(([, text]) => `async () => {\n${text}\n}`).join(',\n');
  const main = `
    const { clear, findings } = require('context/finder');
    (async () => {
      for (const run of require('./cases.js')) {
        clear();
        require('lib').emitter.removeAllListeners();
        await run();
        // Until no timer is left, and a turn more.
        do await new Promise((resolve) => setImmediate(resolve));
        while (process.getActiveResourcesInfo().includes('Timeout'));
        console.log(JSON.stringify(findings()));
      }
    })();`;
  const folder = makeApplication({ 'cases.js': `${PRELUDE}module.exports = [\n${bodies},\n];\n`, 'main.js': main });
  const env = { CONTEXT_FINDER: words, ...(words.includes('als') && { FINDER_ALS: '1' }) };
  const { code, stdout, stderr } = await runIn(folder, ['--require', register, 'main.js'], env);
  assert.strictEqual(code, 0, stderr);
  const found = stdout.trimEnd().split('\n').map((line) => JSON.parse(line)); // prettier-ignore
  assert.strictEqual(found.length, cases.length, stderr);
  return found;
}

module.exports = { PRELUDE, command, findAll, makeApplication, register, runIn };
