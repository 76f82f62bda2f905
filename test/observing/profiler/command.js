'use strict';

/** Runs the command context-profile, and reads the files that it writes. */

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { gunzipSync } = require('node:zlib');

const { Profile: Pprof } = require('pprof-format');

const { root } = require('../../support/child');

const manifest = require('../../../package.json');

const command = path.join(root, manifest.bin['context-profile']);
const programs = path.join(__dirname, 'programs');

/** Starts it. `closed` resolves to how it ended; `saw(name, text)` waits for a text in an output. */
function begin(args, options = {}) {
  const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (output[name] += text));
  const closed = once(child, 'close').then(([code, signal]) => ({ code, signal, ...output }));
  const failed = closed.then((result) => assert.fail(JSON.stringify(result)));
  failed.catch(() => {});
  const saw = async (name, text, times = 1) => {
    while (output[name].split(text).length <= times) await Promise.race([once(child[name], 'data'), failed]);
  };
  return { child, closed, saw };
}

/** Runs it to its end. */
const run = (args, options) => begin(args, options).closed;

/** The paths of the files of a folder with an ending, from the first on. */
function filesIn(folder, ending) {
  const names = fs.readdirSync(folder).filter((name) => name.endsWith(ending));
  return names.sort().map((name) => path.join(folder, name));
}

/** A pprof with names for numbers: of each sample, the stack from the outermost call on, its files, the values and the labels. */
function decode(buffer) {
  const pprof = Pprof.decode(gunzipSync(buffer));
  const text = (index) => pprof.stringTable.strings[Number(index)];
  const functions = new Map(pprof.function.map((each) => [each.id, each]));
  const locations = new Map(pprof.location.map((each) => [each.id, functions.get(each.line[0].functionId)]));
  const samples = pprof.sample.map(({ locationId, value, label }) => ({
    stack: locationId.map((id) => text(locations.get(id).name)).reverse(),
    files: locationId.map((id) => text(locations.get(id).filename)),
    value: value.map(Number),
    labels: Object.fromEntries(label.map(({ key, str }) => [text(key), text(str)])),
  }));
  const types = pprof.sampleType.map(({ type, unit }) => `${text(type)}/${text(unit)}`);
  return { pprof, samples, types };
}

/** The labels of a file's samples, by the name of a function in their stacks. */
function labelsIn(file, name) {
  const { samples } = decode(fs.readFileSync(file));
  const own = samples.filter(({ stack }) => stack.includes(name));
  const texts = own.map(({ labels }) => Object.entries(labels).map((label) => label.join('=')).join(' ')); // prettier-ignore
  return [...new Set(texts)].sort();
}

module.exports = { begin, command, decode, filesIn, labelsIn, programs, run };
