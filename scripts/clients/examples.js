'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { snippetsOf } = require('../../test/support/snippets');
const { directory } = require('./packages');

const root = path.join(__dirname, '..', '..');

/**
 * Writes the programs of a page, but not what a script has put there, to files from which the clients can be required, and this package too.
 *
 * @param {string} page its path
 * @returns {Array<{ line: number, file: string, output: string | undefined }>} the line that each begins in, its file, and what the page
 *   says that it prints
 */
function writeExamples(page) {
  const link = path.join(directory, 'node_modules', 'context');
  if (!fs.existsSync(link)) fs.symlinkSync(root, link, 'junction');
  const lines = fs.readFileSync(page, 'utf8').split('\n');
  const isGenerated = ({ line }) => {
    const marks = lines.slice(0, line).filter((text) => /^<!-- \w+:(start|end) -->$/.test(text));
    return marks.at(-1)?.endsWith(':start -->');
  };
  const written = snippetsOf(path.relative(root, page)).filter((snippet) => !isGenerated(snippet));
  return written.map(({ line, program, output }) => {
    const file = path.join(directory, `example-${line}.js`);
    fs.writeFileSync(file, program);
    return { line, file, output };
  });
}

module.exports = { writeExamples };
