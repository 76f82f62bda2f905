'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { root } = require('../support/child');

/**
 * The layers from the top to the bottom: a file requires from its own layer, and from those below. The first pattern that fits
 * a file says which layer it is of. Those above the foundation require no layer below it but `util`.
 */
const layers = [
  ['entry points', /^(index\.js|lib\/copies\.js|lib\/(integrations|observing)\/[a-z-]+\/(index|register)\.js)$/],
  ['integrations', /^lib\/(integrations|observing)\//],
  ['foundation', /^lib\/foundation\.js$/],
  ['api', /^lib\/api\//],
  ['emitters', /^lib\/emitters\//],
  ['engine', /^lib\/engine\//],
  ['frames', /^lib\/frames\//],
  ['util', /^lib\/util\//],
];

/** Belongs to no layer: anything may read the version. */
const MANIFEST = 'package.json';

/** The folder of the binaries, which belongs to none either, and need not be there in a checkout. */
const PREBUILDS = 'prebuilds';

const layerOf = (file) => layers.findIndex(([, pattern]) => pattern.test(file));

/** The layers that are one for those above them: these require the foundation alone, and no file of what it is made of. */
const isUnderFoundation = (file) => ['api', 'emitters', 'engine', 'frames'].includes(layers[layerOf(file)][0]);
const isOnFoundation = (file) => layerOf(file) < layers.findIndex(([name]) => name === 'foundation');

/** The files of the package that a text requires, by their paths from the root. */
function requiredBy(file, text) {
  const requests = [...text.matchAll(/\brequire\('(\.[^']*)'\)/g)].map(([, request]) => request);
  const paths = requests.map((request) => path.resolve(root, path.dirname(file), request));
  return paths
    .filter((required) => required !== path.join(root, PREBUILDS))
    .map((required) => path.relative(root, require.resolve(required)).split(path.sep).join('/'));
}

/** What is wrong with what a file requires: a sentence for each. */
function violations(file, text) {
  if (layerOf(file) === -1) return [`${file} is in no layer`];
  return requiredBy(file, text)
    .filter((required) => required !== MANIFEST)
    .flatMap((required) => {
      if (layerOf(required) === -1) return [`${file} requires ${required}, which is in no layer`];
      if (isOnFoundation(file) && isUnderFoundation(required)) {
        return [`${file} requires ${required}, which is in what lib/foundation.js is for`];
      }
      if (layerOf(required) >= layerOf(file)) return [];
      return [`${file} requires ${required}, which is in a layer above: ${layers[layerOf(required)][0]}`];
    });
}

const files = fs
  .readdirSync(path.join(root, 'lib'), { recursive: true })
  .filter((file) => file.endsWith('.js'))
  .map((file) => `lib/${file.split(path.sep).join('/')}`)
  .concat('index.js');

describe('the layers of lib/', () => {
  it('are required from above alone', () => {
    const texts = files.map((file) => [file, fs.readFileSync(path.join(root, file), 'utf8')]);
    assert.deepStrictEqual(
      texts.flatMap(([file, text]) => violations(file, text)),
      [],
    );
    const edges = texts.flatMap(([file, text]) => requiredBy(file, text));
    assert.ok(edges.length > files.length, `${edges.length} requires were found in ${files.length} files`);
    const unused = layers.filter((_, layer) => !files.some((file) => layerOf(file) === layer));
    assert.deepStrictEqual(unused, []);
  });
});
