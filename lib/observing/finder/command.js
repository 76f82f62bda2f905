'use strict';

/** The command context-find: runs a program, and its processes and threads, with the finder, and prints what they found. */

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');

const { options: ofFinder, writeWords } = require('./options');
const { merge, printed } = require('./report');

const HELP = `Usage: context-find [options] program.js [arguments]

Runs a program and prints where code of it ran, and read a context, in another request than it was passed in.

  --als                 compares the stores of every AsyncLocalStorage instead of namespaces
  --json <file>         writes what was found as JSON too
  --fail                the exit code is 1 if anything was found and the program itself has succeeded
  --include <package>   compiles a package as if it was part of the program. May be repeated
  --carriers            prints what carried the other context: slower
  --own                 also calls by the program itself count, such as a broadcast of its own
  --all                 also code that reads no context
  --help                show this

The report comes at the end; SIGUSR2 to the program prints what was found so far. Options for Node.js are passed in NODE_OPTIONS.
`;

const options = { ...ofFinder, help: { type: 'boolean', short: 'h' } };

const FORWARDED = ['SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGINT'];

function parse(args) {
  const { tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true });
  const first = tokens.find(({ kind }) => kind !== 'option') ?? { index: args.length };
  const { values } = parseArgs({ args: args.slice(0, first.index), options });
  if (values.help) return values;
  const [program, ...rest] = args.slice(first.index + (first.kind === 'option-terminator'));
  if (program === undefined) throw new Error('The program is missing: context-find [options] program.js [arguments]');
  const file = path.resolve(program);
  if (!fs.existsSync(file) && !fs.existsSync(`${file}.js`)) throw new Error(`There is no program ${file}`);
  return { ...values, program: file, rest };
}

function environmentOf(values, folder) {
  const register = path.join(__dirname, 'register.js').replaceAll(/[\\"]/g, '\\$&');
  const nodeOptions = [process.env.NODE_OPTIONS, `--require "${register}"`].filter(Boolean).join(' ');
  return { ...process.env, NODE_OPTIONS: nodeOptions, CONTEXT_FINDER: writeWords(values), CONTEXT_FINDER_FOLDER: folder };
}

function run({ program, rest }, env) {
  const child = spawn(process.execPath, [program, ...rest], { stdio: 'inherit', env });
  for (const signal of FORWARDED) {
    // A terminal sends SIGINT to the program as well.
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY) || child.kill(signal));
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? 128 + os.constants.signals[signal]));
  });
}

/** @param {string[]} args without node and this command */
async function main(args) {
  const values = parse(args);
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  // Before the program runs: without acorn nothing could be found.
  require('./syntax').loadAcorn();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-find-'));
  try {
    process.exitCode = await run(values, environmentOf(values, folder));
    const found = merge(fs.readdirSync(folder).map((name) => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'))));
    process.stderr.write(printed(found));
    if (values.json !== undefined) fs.writeFileSync(values.json, `${JSON.stringify(found.findings, undefined, 2)}\n`);
    if (values.fail && found.findings.length > 0) process.exitCode ||= 1;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

module.exports = { main };
