'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { runNode } = require('../../support/child');
const { UNITS } = require('./runner');

/**
 * A way in which Node.js calls back.
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {(step: (label: string) => void, more: {
 *   shared: unknown, within: (callback: Function) => unknown, owner: number,
 * }) => unknown} start starts an operation of one unit of work, in its contexts; several units start at a time.
 *   Calls `step` in each callback, and returns a promise of the end. `shared` is what `prepare` returned, `owner` the
 *   number of the unit
 * @property {(after: (cleanup: Function) => void) => unknown} [prepare] called once, outside of all contexts
 * @property {boolean} [entersItself] whether `start` is called outside of all contexts, to enter them by `within`
 * @property {Record<string, string>} [loses] by label the reason why AsyncLocalStorage does not have the unit's store
 *   in this step, on some Node.js or on all
 * @property {Record<string, string>} [untold] by label the reason why the core is not told what is active, while somebody
 *   observes
 */

const themes = fs.readdirSync(path.join(__dirname, 'cases')).map((file) => path.basename(file, '.js'));

/** What the cases of a theme observed, by name. */
async function observe(args, env) {
  const { code, stdout, stderr } = await runNode([path.join(__dirname, 'main.js'), ...args], env);
  assert.strictEqual(code, 0, stderr);
  assert.notStrictEqual(stdout, '', `the process ended before its cases did: ${stderr}`);
  return JSON.parse(stdout);
}

function labelsOf(observed, owner) {
  return new Set(observed.filter((step) => step.owner === owner).map(({ label }) => label));
}

/** Asserts that all was observed in one unit of work that was in the others. */
function assertComplete({ error, observed }) {
  assert.strictEqual(error, undefined);
  assert.ok(observed.length >= UNITS, 'each unit of work has a step');
  const labels = new Set(observed.map(({ label }) => label));
  for (let owner = 0; owner < UNITS; owner++) assert.deepStrictEqual(labelsOf(observed, owner), labels);
}

/** Asserts that each namespace has the context of a unit, and its values; or its default context. */
function assertNamespaces({ label, namespaces }, owner) {
  const expected = { active: owner, value: owner, enclosing: owner, inCore: true };
  for (const namespace of namespaces) assert.deepStrictEqual(namespace, expected, `in the step '${label}'`);
}

for (const theme of themes) {
  describe(`contexts are carried as AsyncLocalStorage is: ${theme}`, () => {
    let beside;
    let alone;
    let told;

    before(async () => {
      beside = await observe([theme, 'oracle']);
      alone = await observe([theme]);
      told = await observe([theme], { CONTEXT_TEST_OBSERVED: '1' });
    });

    for (const { name, loses = {}, untold = {} } of require(`./cases/${theme}`)) {
      it(name, () => {
        assertComplete(beside[name]);
        assertComplete(alone[name]);
        const lost = new Set();
        for (const step of beside[name].observed) {
          const { label, owner, store } = step;
          if (store !== owner) {
            assert.ok(label in loses, `in '${label}' of ${owner} AsyncLocalStorage has the store of ${store}: why?`);
            lost.add(label);
          }
          assertNamespaces(step, store);
        }
        for (const step of alone[name].observed) {
          if (!lost.has(step.label)) assertNamespaces(step, step.owner);
        }
      });

      it(`${name}: the core knows what is active while somebody observes`, () => {
        assertComplete(told[name]);
        for (const { label, namespaces } of told[name].observed) {
          for (const { inCore } of namespaces) assert.ok(inCore || label in untold, `in the step '${label}'`);
        }
      });
    }
  });
}
