'use strict';

/** The supported releases of Node.js, each with the engines that it supports. */

const { fetchNode } = require('./fetch');
const { list } = require('./options');

const FRAME = 'async-context-frame';
const HOOKS = 'async-hooks';

const RELEASES = [
  { major: '20', engine: HOOKS },
  { major: '22', engine: HOOKS },
  { major: '22', engine: FRAME, flag: '--experimental-async-context-frame' },
  { major: '24', engine: FRAME },
  { major: '24', engine: HOOKS, flag: '--no-async-context-frame' },
  { major: '26', engine: FRAME },
  { major: '26', engine: HOOKS, flag: '--no-async-context-frame' },
].map(({ major, engine, flag }) => ({ title: `${major}, ${engine}`, major, engine, flags: flag ? [flag] : [] }));

const MAJORS = [...new Set(RELEASES.map(({ major }) => major))];

/** The option `--node`: majors, all by default. */
const nodeOption = (initial = MAJORS) => list(MAJORS, initial);

/** The releases of some majors. */
const releasesOf = (majors) => RELEASES.filter(({ major }) => majors.includes(major));

/** Calls a function for one release after the other, with `node`, the path of its binary. */
async function forEachRelease(majors, visit) {
  for (const release of releasesOf(majors)) await visit({ ...release, node: await fetchNode(release.major) });
}

module.exports = { MAJORS, forEachRelease, nodeOption, releasesOf };
