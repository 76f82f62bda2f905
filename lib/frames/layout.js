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
          `The native binary of context belongs to another version: its ${name} is ${binarys}, but lib/ ` +
            `expects ${ours[name]}. Rebuild it with \`npm run build\` in a checkout, or with ` +
            `\`node node_modules/context/tools/build-prebuilt.js\` in an installation.`,
        ),
        'ERR_CONTEXT_BINDING',
      );
    }
  }
}

module.exports = { checkConstants };
