'use strict';

const fc = require('fast-check');

const { awaitables, deferrals, hops, rareHops, sealed, waits } = require('./hops');
const { CONTEXTS, NAMESPACES, PLACES } = require('./sizes');

/** How deep statements nest in statements. */
const DEPTH = 4;

/** How many turns a loop takes at most. */
const TURNS = 5;

const without = (object, names) => Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
const oneOf = (object) => fc.constantFrom(...Object.keys(object));
const statement = (does, parts, more) => fc.record({ do: fc.constant(does), ...parts, ...more });
const weighted = (weight, arbitrary) => ({ weight, arbitrary });

/** A context: that of an index past the last one is the default context. */
const where = {
  namespace: fc.nat({ max: NAMESPACES - 1 }),
  context: fc.oneof(weighted(9, fc.nat({ max: CONTEXTS - 1 })), weighted(1, fc.constant(CONTEXTS))),
};
const targets = fc.array(fc.record(where), { minLength: 1, maxLength: 2 });
const loop = { places: fc.array(fc.record(where), { minLength: 1, maxLength: 3 }), turns: fc.integer({ min: 2, max: TURNS }) };
const place = { place: fc.nat({ max: PLACES - 1 }) };

/** If programs get too deep, the first of the alternatives is taken: it must not have statements in it. */
const simple = fc.oneof(
  weighted(4, statement('enter', where)),
  weighted(2, statement('exit', where)),
  weighted(4, statement('await', { kind: oneOf(awaitables) })),
  weighted(1, statement('awaitShared')),
  weighted(3, statement('fire', place)),
  weighted(1, statement('throw')),
);

/** Programs as lists of statements, without some kinds of hops and deferrals. */
const programsWithout = (names) =>
  fc.letrec((tie) => {
    const callback = { async: fc.boolean(), body: tie('body') };
    return {
      body: fc.array(tie('statement'), { maxLength: 5, size: 'max' }),
      statement: fc.oneof(
        { depthSize: 'max', maxDepth: DEPTH },
        weighted(22, simple),
        weighted(8, statement('run', where, { awaited: fc.boolean(), ...callback })),
        weighted(4, statement('bind', { ...where, ...place }, callback)),
        weighted(2, statement('add', { targets, ...place }, callback)),
        weighted(4, statement('defer', { kind: oneOf(without(deferrals, names)), ...place }, callback)),
        weighted(10, statement('hop', { kind: oneOf(without(hops, [...Object.keys(rareHops), ...names])) }, callback)),
        weighted(1, statement('hop', { kind: oneOf(rareHops) }, callback)),
        weighted(2, statement('loop', loop, callback)),
        weighted(2, statement('try', { body: tie('body') })),
        weighted(2, statement('generate', { body: tie('body') })),
        weighted(4, statement('call', { body: tie('body') })),
        weighted(2, statement('fork', { branches: fc.array(tie('body'), { minLength: 2, maxLength: 3 }) })),
      ),
    };
  }).body;

/** How a program may get to its first entry, which is the first one of its process. */
const firstEntries = fc.record({ wait: oneOf(waits), first: fc.record(where), program: programsWithout(sealed) });

/** Programs as lists of statements, which test/propagation/random/interpreter.js performs. */
module.exports = { firstEntries, programs: programsWithout([]) };
