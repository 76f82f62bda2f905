'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** How many rows are shown. */
const ROWS = 10;

const SECOND = 1000;

function say(text) {
  process.stderr.write(`context-profile: ${text}\n`);
}

/** A time for the name of a file. */
function stamp(date) {
  return date.toISOString().replaceAll(/[-:]|\..*/g, '').replace('T', '-'); // prettier-ignore
}

function shorten(file) {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : relative;
}

/** The largest rows as lines of a table. */
function tableOf(rows, label) {
  const shown = rows.slice(0, ROWS);
  const width = Math.max(label.length, ...shown.map(({ value }) => (value ?? '(none)').length));
  const lines = [`${label.padEnd(width)}   share       time   samples`];
  for (const { value, share, time, samples } of shown) {
    const numbers = [
      `${(share * 100).toFixed(1)} %`.padStart(7),
      `${time.toFixed(0)} ms`.padStart(10),
      `${samples}`.padStart(9),
    ];
    lines.push(`${(value ?? '(none)').padEnd(width)} ${numbers.join(' ')}`);
  }
  if (rows.length > ROWS) lines.push(`… and ${rows.length - ROWS} more`);
  return lines.map((line) => `  ${line}\n`).join('');
}

/** Writes the files of one profile after the other. */
class Files {
  #folder;
  #count = 0;

  /**
   * @param {string} folder which is made if it is not there
   * @throws {Error} if it cannot be written to
   */
  constructor(folder) {
    fs.mkdirSync(folder, { recursive: true });
    fs.accessSync(folder, fs.constants.W_OK);
    this.#folder = folder;
  }

  /**
   * Writes the files of a profile, and says so. If that fails, it says that. One without a sample is written only if it is all there is.
   *
   * @param {Profile} profile
   */
  write(profile) {
    if (profile.sampleCount === 0 && this.#count > 0) return;
    const name = `context-${stamp(profile.startedAt)}-${process.pid}-${++this.#count}`;
    const base = path.join(this.#folder, name);
    try {
      const pprof = this.#writePprof(`${base}.pb.gz`, profile);
      const cpuProfile = `${base}.cpuprofile`;
      fs.writeFileSync(cpuProfile, JSON.stringify(profile.toCpuProfile({ labelsAtRoot: true })));
      const seconds = (profile.duration / SECOND).toFixed(1);
      say(`${profile.sampleCount} samples in ${seconds} s\n${tableOf(profile.by('route'), 'route')}`.trimEnd());
      if (pprof !== undefined) say(`${shorten(pprof)}: go tool pprof -http=localhost: -tagroot=method,route ${shorten(pprof)}`);
      say(`${shorten(cpuProfile)}: open it in https://www.speedscope.app, in VS Code, or in Chrome's DevTools (Performance)`);
    } catch (error) {
      say(`the profile could not be written: ${error.message}`);
    }
  }

  /** Writes what pprof reads; undefined if there is no pprof-format. */
  #writePprof(file, profile) {
    try {
      fs.writeFileSync(file, profile.toPprof());
      return file;
    } catch (error) {
      if (error.code !== 'ERR_CONTEXT_PPROF') throw error;
      if (this.#count === 1)
        say('no file for pprof is written: that takes the package pprof-format (npm install pprof-format)');
      return undefined;
    }
  }
}

module.exports = { Files, say };
