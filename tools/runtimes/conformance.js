'use strict';

/**
 * Runs the cases of test/propagation/conformance on a runtime, each in a process of its own. Contexts may be lost only where the
 * runtime's AsyncLocalStorage loses its store.
 */

const fs = require('node:fs');
const path = require('node:path');

const { root } = require('../support/run');

const folder = path.join('test', 'propagation', 'conformance');

/** @returns {{ theme: string, name: string, loses: string[] }[]} the cases; `loses` has the steps that lose the store on Node.js */
function allCases() {
  const files = fs.readdirSync(path.join(root, folder, 'cases'));
  return files.flatMap((file) => {
    const theme = path.basename(file, '.js');
    const cases = require(path.join(root, folder, 'cases', file));
    return cases.map(({ name, loses = {} }) => ({ theme, name, loses: Object.keys(loses) }));
  });
}

async function observe(runtime, theme, beside, name) {
  const { code, stdout } = await runtime.run([path.join(folder, 'main.js'), theme, beside, name]);
  try {
    const { observed, error } = JSON.parse(stdout)[name];
    return error === undefined ? { observed } : { cannot: error.split('\n')[0] };
  } catch {
    return { cannot: code === 0 ? 'ends before its callbacks have come' : `ends with ${code}` };
  }
}

const isIn = (owner, { namespaces }) =>
  namespaces.every(
    ({ active, value, enclosing, inCore }) => active === owner && value === owner && enclosing === owner && inCore,
  );

/**
 * Runs a case with an AsyncLocalStorage and without.
 * @returns {Promise<{ cannot: string } | { lost: string[], differs: string[] }>} why it does not run; or the steps that lose the
 *   store, and those in which contexts differ from it
 */
async function runCase(runtime, { theme, name }) {
  const beside = await observe(runtime, theme, 'oracle', name);
  if (beside.cannot !== undefined) return beside;
  const alone = await observe(runtime, theme, 'alone', name);
  if (alone.cannot !== undefined) return alone;
  const lost = new Set();
  const differs = new Set();
  for (const step of beside.observed) {
    if (step.store !== step.owner) lost.add(step.label);
    if (!isIn(step.store, step)) differs.add(step.label);
  }
  for (const step of alone.observed) {
    if (!lost.has(step.label) && !isIn(step.owner, step)) differs.add(step.label);
  }
  return { lost: [...lost], differs: [...differs] };
}

/** Runs cases, two at a time. Resolves to their results. */
async function runCases(runtime, cases) {
  const results = [];
  const waiting = cases.entries();
  const work = async () => {
    for (const [index, one] of waiting) results[index] = await runCase(runtime, one);
  };
  await Promise.all([work(), work()]);
  return results;
}

module.exports = { allCases, runCases };
