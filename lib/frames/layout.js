'use strict';

const { withCode } = require('../util/errors');
const core = require('./binding');

/**
 * Compares constants of the layout of shared memory with the binary's. They are in lib/ as well because V8 folds those of a
 * module only.
 *
 * @param {Record<string, number>} ours by the names that the binary has for them
 * @throws {Error} with code ERR_CONTEXT_BINDING if one is not the binary's
 */
function checkConstants(ours) {
  for (const name of Object.keys(ours)) {
    const binarys = core.layout?.[name];
    if (binarys !== ours[name]) {
      throw withCode(
        new Error(
          `The native binary of context belongs to another version of it: its records have ${name} ${binarys}, and lib/ ` +
            `expects ${ours[name]}. To build it anew, run \`npm run build\` in a checkout of it, or where it is installed, ` +
            `\`node node_modules/context/tools/build-prebuilt.js\`.`,
        ),
        'ERR_CONTEXT_BINDING',
      );
    }
  }
}

module.exports = { checkConstants };
