'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { root } = require('./child');

/**
 * The programs in a page of documentation.
 *
 * @param {string} page path from the package's folder
 * @returns {Array<{ line: number, program: string, output: string | undefined }>} each block of JavaScript: the line that it
 *   begins in, its text, and the text block that follows right after it, which is what it prints
 */
function snippetsOf(page) {
  const text = fs.readFileSync(path.join(root, page), 'utf8');
  const blocks = text.matchAll(/^```js\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?/gms);
  return Array.from(blocks, ({ index, 1: program, 2: output }) => {
    return { line: text.slice(0, index).split('\n').length, program, output };
  });
}

module.exports = { snippetsOf };
