'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { documents } = require('../../bench/report');
const figures = require('../../docs/benchmarks.json');
const { repairsOf, telemetryOf } = require('../../tools/clients/document');
const { replacePart } = require('../../tools/support/table');
const { root } = require('../support/child');
const { snippetsOf } = require('../support/snippets');

const folders = ['.', 'docs'];

const pages = folders.flatMap((folder) =>
  fs
    .readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.posix.join(folder, name)),
);

const read = (page) => fs.readFileSync(path.join(root, page), 'utf8');
const withoutCode = (text) => text.replace(/^ *```.*?^ *```$/gms, '');

/** The anchors that GitHub gives the headings of a page. */
function anchorsOf(page) {
  const headings = withoutCode(read(page)).matchAll(/^#+ (.*)$/gm);
  return Array.from(headings, ([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Whether a link leads to a file or a folder of the repository, and to one of its headings if it names one. */
function leads(page, link) {
  const [file, anchor] = link.split('#');
  const target = file === '' ? page : path.posix.join(path.posix.dirname(page), file);
  if (!fs.existsSync(path.join(root, target))) return false;
  return anchor === undefined || anchorsOf(target).includes(anchor);
}

describe('the pages', () => {
  it('link to files and headings that there are', () => {
    const links = pages.flatMap((page) => {
      const found = withoutCode(read(page)).matchAll(/\]\((?!\w+:)([^)\s]+)\)/g);
      return Array.from(found, ([, link]) => ({ page, link }));
    });
    assert.ok(links.length > 50, `${links.length} links`);
    assert.deepStrictEqual(
      links.filter(({ page, link }) => !leads(page, link)),
      [],
    );
  });

  it('are all within reach of README', () => {
    const linked = new Set(['README.md']);
    for (const page of linked) {
      for (const [, link] of read(page).matchAll(/\]\((?!\w+:)([^)#\s]+\.md)/g)) {
        linked.add(path.posix.join(path.posix.dirname(page), link));
      }
    }
    assert.deepStrictEqual(
      pages.filter((page) => !linked.has(page)),
      [],
    );
  });

  it('begin with a README of at most 1,000 words', () => {
    assert.ok(read('README.md').split(/\s+/).length <= 1000);
  });

  for (const name of ['distributed', 'loggers']) {
    it(`show parts of the examples alone: docs/${name}.md`, () => {
      const files = fs.readdirSync(path.join(root, 'examples', name)).map((file) => read(path.join('examples', name, file)));
      const snippets = snippetsOf(`docs/${name}.md`);
      assert.ok(snippets.length >= 2);
      for (const { line, program } of snippets)
        assert.ok(
          files.some((file) => file.includes(program)),
          `line ${line}`,
        );
    });
  }

  it('show the figures of docs/benchmarks.json', () => {
    for (const [file, text] of Object.entries(documents(figures))) {
      assert.strictEqual(read(file), text, `node bench/report.js was not run after the last change: ${file}`);
    }
  });

  it('show the repairs that tools/test-clients.js measures', () => {
    const text = read('docs/clients.md');
    for (const [part, code] of Object.entries({ repairs: repairsOf(), telemetry: telemetryOf() })) {
      assert.ok(text.includes(`<!-- ${part}:start -->`));
      assert.strictEqual(replacePart(text, part, code), text);
    }
  });
});
