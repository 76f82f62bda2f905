'use strict';

const assert = require('node:assert');
const path = require('node:path');

const { linesOf } = require('../../support/child');
const { UNITS } = require('./runner');

/** What the cases of themes observed, by name. */
async function observe(themes, mode) {
  const [line] = await linesOf([path.join(__dirname, 'main.js'), themes.join(), mode]);
  assert.ok(line, 'the process ended before its cases did');
  return JSON.parse(line);
}

const labelsOf = (observed, unit) => new Set(observed.filter(({ owner }) => owner === unit).map(({ label }) => label));

/** Asserts that all was observed in one unit of work that was in the others. */
function assertComplete({ error, observed, tracked = observed }) {
  assert.strictEqual(error, undefined);
  for (const steps of [observed, tracked]) {
    assert.ok(steps.length >= UNITS, 'each unit of work has a step');
    const labels = new Set(steps.map(({ label }) => label));
    for (let owner = 0; owner < UNITS; owner++) assert.deepStrictEqual(labelsOf(steps, owner), labels);
  }
}

/** Asserts that each namespace has the context of a unit, and its values; or its default context. */
function assertNamespaces({ label, namespaces }, owner) {
  const expected = { active: owner, value: owner, enclosing: owner, inCore: true };
  for (const namespace of namespaces) assert.deepStrictEqual(namespace, expected, `in the step '${label}'`);
}

/**
 * Defines the tests of all cases of some themes, which run in two processes: beside an AsyncLocalStorage, and alone.
 *
 * @param {string[]} themes
 */
function testThemes(themes) {
  let beside;
  let alone;

  before(async function () {
    this.timeout(300_000);
    [beside, alone] = await Promise.all([observe(themes, 'oracle'), observe(themes, 'tracked')]);
  });

  for (const theme of themes) {
    describe(theme, () => {
      for (const { name, loses = {}, unknown = {} } of require(`./cases/${theme}`)) {
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
          for (const { label, namespaces } of alone[name].tracked) {
            for (const { inCore } of namespaces) assert.ok(inCore || label in unknown, `in the step '${label}'`);
          }
        });
      }
    });
  }
}

module.exports = { testThemes };
