'use strict';

/**
 * Runs files of tests in this process: the command of mocha starts itself again, with options that other runtimes don't have. Prints
 * a line of JSON for each test that failed, and one with how many passed: `tests.js test/api/end.test.js`.
 */

const path = require('node:path');

const { mochaHooks } = require('../../test/support/root-hooks');

function print(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** A reporter for mocha. */
function Lines(runner) {
  let passed = 0;
  runner.on('pass', () => passed++);
  runner.on('fail', (test, { message }) => print({ failed: test.fullTitle(), message: String(message).slice(0, 2_000) }));
  runner.on('end', () => print({ passed }));
}

async function main(files) {
  const { default: Mocha } = await import('mocha');
  const mocha = new Mocha({ timeout: 60_000, rootHooks: mochaHooks, reporter: Lines });
  for (const file of files) mocha.addFile(path.resolve(file));
  // A test may leave something open that has no way to be closed.
  mocha.run((failures) => process.exit(failures === 0 ? 0 : 1));
}

main(process.argv.slice(2));
