'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const { escapeText, tableOf } = require('./table');

const SECOND = 1000;

/** The folder of the profiler. Its own code doesn't count as the program's work. */
const OWN = path.join(__dirname, '..');
const OWN_PLACES = [OWN, pathToFileURL(OWN).href];

/** Fewer milliseconds or samples don't show work of the program: ending it already needs one or two. */
const LEAST_TIME = 10;
const LEAST_SAMPLES = 2;

function say(text) {
  const lines = `context-profile: ${text}`.split('\n').map(escapeText);
  process.stderr.write(`${lines.join('\n')}\n`);
}

/** Formats a date for a file name. */
function stamp(date) {
  return date.toISOString().replaceAll(/[-:]|\..*/g, '').replace('T', '-'); // prettier-ignore
}

function shorten(file) {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : relative;
}

/** Creates a folder and its parents. The option `recursive` loops forever in /proc (Node.js 20 to 26). */
function makeFolder(folder) {
  const missing = [];
  for (let at = folder; !fs.existsSync(at); at = path.dirname(at)) missing.push(at);
  for (const each of missing.reverse()) fs.mkdirSync(each);
}

/** Tests a folder by writing a file: permissions say nothing about read-only file systems. */
function tryToWrite(folder) {
  const file = path.join(folder, `.context-profile-${process.pid}`);
  fs.writeFileSync(file, 'test', { flag: 'wx' });
  fs.unlinkSync(file);
}

const isOwn = ({ url }) => OWN_PLACES.some((place) => url.startsWith(place));
const isOfProgram = ({ url }) => url !== '' && !url.startsWith('node:');

/** Whether the program did work other than ending. */
function showsWork(profile, interval) {
  const { nodes } = profile.toCpuProfile();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const open = [{ node: nodes[0], isInProgram: false }];
  let samples = 0;
  while (open.length > 0) {
    const { node, isInProgram } = open.pop();
    if (isOwn(node.callFrame)) continue;
    const works = isInProgram || isOfProgram(node.callFrame);
    if (works) samples += node.hitCount;
    for (const id of node.children) open.push({ node: byId.get(id), isInProgram: works });
  }
  return samples > LEAST_SAMPLES && samples * interval >= LEAST_TIME;
}

/** Writes the files of successive profiles. */
class Files {
  #folder;
  #labels;
  #interval;
  #count = 0;

  /**
   * @param {string} folder created if missing
   * @param {string[]} labels to print tables for
   * @param {number} interval between samples, in milliseconds
   * @throws {Error} if the folder is not writable
   */
  constructor(folder, labels, interval) {
    try {
      makeFolder(folder);
      tryToWrite(folder);
    } catch (cause) {
      throw new Error(`--out must be a folder that can be written to, but ${folder} can't: ${cause.message}`, { cause });
    }
    this.#folder = folder;
    this.#labels = labels;
    this.#interval = interval;
  }

  /**
   * Writes the files of a profile and prints tables, or an error. Skips profiles without samples, except the first.
   * @param {Profile} profile
   * @param {boolean} [isRest] whether the profile only covers the time since a signal: then it is skipped unless the program
   *   did work
   */
  write(profile, isRest = false) {
    if (this.#count > 0 && (profile.sampleCount === 0 || (isRest && !showsWork(profile, this.#interval)))) return;
    const name = `context-${stamp(profile.startedAt)}-${process.pid}-${++this.#count}`;
    const base = path.join(this.#folder, name);
    try {
      const pprof = this.#writePprof(`${base}.pb.gz`, profile);
      const cpuProfile = `${base}.cpuprofile`;
      writeChunks(cpuProfile, profile.cpuProfileChunks({ labelsAtRoot: true }));
      const seconds = (profile.duration / SECOND).toFixed(1);
      const tables = this.#labels.map((label) => tableOf(profile.by(label), label));
      say(`${profile.sampleCount} samples in ${seconds} s\n${tables.join('\n')}`.trimEnd());
      if (pprof !== undefined) say(`${shorten(pprof)}: go tool pprof -http=localhost: -tagroot=method,route ${shorten(pprof)}`);
      say(`${shorten(cpuProfile)}: open it in https://www.speedscope.app, in VS Code, or in Chrome's DevTools (Performance)`);
    } catch (error) {
      say(`the profile could not be written: ${error.message}`);
    }
  }

  /** Writes the pprof file; returns undefined if pprof-format is missing. */
  #writePprof(file, profile) {
    try {
      fs.writeFileSync(file, profile.toPprof());
      return file;
    } catch (error) {
      if (error.code !== 'ERR_CONTEXT_PPROF') throw error;
      if (this.#count === 1) say('no pprof file: that needs the package pprof-format (npm install pprof-format)');
      return undefined;
    }
  }
}

function writeChunks(file, chunks) {
  const fd = fs.openSync(file, 'w');
  try {
    for (const text of chunks) fs.writeFileSync(fd, text);
  } finally {
    fs.closeSync(fd);
  }
}

module.exports = { Files, say };
