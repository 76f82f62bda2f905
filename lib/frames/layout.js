'use strict';

const { withCode } = require('../util/errors');
const core = require('./binding');

/**
 * Checks that constants of the shared-memory layout match the binary. They are duplicated in lib/ because V8 only folds
 * constants of the same module.
 * @param {Record<string, number>} ours by the binary's names
 * @throws {Error} with code ERR_CONTEXT_BINDING if one differs
 */
function checkConstants(ours) {
  for (const name of Object.keys(ours)) {
    const binarys = core.layout?.[name];
    if (binarys !== ours[name]) {
      throw withCode(
        new Error(
          `The native binary of context belongs to another version of it: its records have ${name} ${binarys}, and lib/ ` +
            `expects ${ours[name]}. To build it anew, run \`npm run build\` in a checkout of it, or where it is installed, ` +
            `\`node node_modules/context/scripts/build-prebuilt.js\`.`,
        ),
        'ERR_CONTEXT_BINDING',
      );
    }
  }
}

module.exports = { checkConstants };
