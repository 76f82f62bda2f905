'use strict';

/** The releases of Node.js that context/usage is tried on, with each engine, and the arguments that choose it. */
const RELEASES = [
  ['20, async-hooks', 20, []],
  ['22, async-hooks', 22, []],
  ['22, async-context-frame', 22, ['--experimental-async-context-frame']],
  ['24, async-context-frame', 24, []],
  ['24, async-hooks', 24, ['--no-async-context-frame']],
  ['26, async-context-frame', 26, []],
  ['26, async-hooks', 26, ['--no-async-context-frame']],
];

/**
 * @param {string | undefined} only majors, as in `20,24`; all if it is not given
 * @returns {[string, number, string[]][]}
 * @throws {TypeError} if one of them is none
 */
function chooseReleases(only) {
  if (only === undefined) return RELEASES;
  const majors = only.split(',').map(Number);
  const unknown = majors.find((major) => !RELEASES.some(([, known]) => known === major));
  if (unknown !== undefined) throw new TypeError(`--node must be some of 20,22,24,26, but '${only}' has others`);
  return RELEASES.filter(([, major]) => majors.includes(major));
}

module.exports = { chooseReleases };
