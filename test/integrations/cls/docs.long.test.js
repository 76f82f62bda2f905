'use strict';

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');

const { linesOf, root } = require('../../support/child');
const { makeFolder } = require('../../support/folders');

const page = fs.readFileSync(path.join(root, 'docs', 'cls.md'), 'utf8');

/** The block of code in docs/cls.md that comes next after some words. */
function codeAfter(words) {
  const start = page.indexOf(words);
  assert.ok(start >= 0, `docs/cls.md does not say: ${words}`);
  return /^```\w+\n(.*?)^```$/ms.exec(page.slice(start))[1];
}

/** Writes the files of a project, by their paths in it. */
function write(folder, files) {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
}

describe('an override for cls-hooked, as docs/cls.md has it', () => {
  it('has npm give context/cls to a library that requires cls-hooked', async () => {
    const project = makeFolder();
    const { dependencies, overrides } = JSON.parse(codeAfter('and an override in your `package.json`'));
    assert.deepStrictEqual(Object.keys(dependencies), ['context']);
    write(project, {
      'package.json': {
        name: 'application',
        version: '1.0.0',
        // The registry is not asked: the package is the one under test, the library is a folder.
        dependencies: { context: `file:${root}`, library: 'file:./library' },
        overrides,
      },
      'cls-hooked/package.json': codeAfter('`cls-hooked/package.json`:'),
      'cls-hooked/index.js': codeAfter('`cls-hooked/index.js`:'),
      'library/package.json': { name: 'library', version: '1.0.0', dependencies: { 'cls-hooked': '^4.2.2' } },
      'library/index.js': `module.exports = require('cls-hooked');`,
    });
    const args = ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    // The npm on the path may run on another Node.js than this one, which knows its own options alone.
    const env = { ...process.env, NODE_OPTIONS: '' };
    await promisify(execFile)('npm', args, { cwd: project, env, shell: process.platform === 'win32' });

    const from = (file) => JSON.stringify(path.join(project, file));
    const lines = await linesOf(`
      const { createRequire } = require('node:module');
      const application = createRequire(${from('index.js')});
      const library = createRequire(${from('library/index.js')});
      const cls = application('context/cls');
      console.log(application('library') === cls, library('cls-hooked') === cls);
    `);
    assert.deepStrictEqual(lines, ['true true']);
  });
});
