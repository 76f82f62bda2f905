'use strict';

/**
 * What context/leaks says of real libraries that keep the contexts of requests: whether it names the right holder, of as many contexts as a
 * FinalizationRegistry counts. `--heap` measures what large heaps cost instead. The libraries and servers are those of tools/test-clients.js.
 */

require('./prepare');

const path = require('node:path');

const libraries = require('./leaks/libraries');
const { ask, withServers } = require('./support/clients');
const { flag, list, readOptions } = require('./support/options');
const { forEachRelease, nodeOption } = require('./support/releases');
const { failMain, root, run } = require('./support/run');

const HEAP = path.join(__dirname, 'leaks', 'heap.js');
const known = libraries(root, {});

/** The sizes of heaps that `--heap` measures, in megabytes. */
const HEAPS = [50, 200];

/** How many libraries may be explained worse than hoped: there, V8 does not see which handle keeps a context. */
const missesOf = ({ major, engine }) => (major === '22' && engine === 'async-context-frame' ? 3 : 1);

function explain({ node, flags }, job) {
  return ask('leaks/child.js', job, { execArgv: ['--expose-gc', ...flags], execPath: node }).catch(({ message }) => ({
    error: message,
  }));
}

/** Prints what large heaps cost on a release, in milliseconds and megabytes. */
async function measureHeaps({ title, node, flags }) {
  for (const megabytes of HEAPS) {
    for (const way of ['explain', 'file']) {
      const { stdout } = await run(node, ['--expose-gc', ...flags, HEAP, `${megabytes}`, way]);
      console.log(`${title}: ${megabytes} MB: ${stdout.trimEnd()}`);
    }
  }
}

/** What is wrong with a result; undefined if it is right. */
function faultOf({ line }, { error, alive, groups }) {
  if (error !== undefined) return error;
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  if (count !== alive || alive === 0) return `${count} are explained, and ${alive} are in memory`;
  return groups.every((group) => line.test(group.line)) ? undefined : 'another holder is meant';
}

async function main({ node: majors, only, heap }) {
  if (heap) return forEachRelease(majors, measureHeaps);
  const servers = only.flatMap((name) => known[name].servers ?? []);
  await withServers(servers, (places) =>
    forEachRelease(majors, async (release) => {
      let right = 0;
      for (const name of only) {
        const result = await explain(release, { name, ...places });
        const fault = faultOf(known[name], result);
        if (fault === undefined) right++;
        console.log(`${release.title}: ${name}: ${fault ?? 'right'}`);
        for (const { count, line } of result.groups ?? []) console.log(`    ${count} × ${line}`);
      }
      console.log(`${release.title}: ${right} of ${only.length} are right`);
      if (right < only.length - missesOf(release)) process.exitCode = 1;
    }),
  );
}

main(readOptions({ node: nodeOption(), only: list(Object.keys(known)), heap: flag() })).catch(failMain);
