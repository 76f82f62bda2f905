'use strict';

const fc = require('fast-check');

const { awaitables, deferrals, hops } = require('./hops');

/** How many namespaces there are, contexts of each, and places that keep what is called later. */
const NAMESPACES = 3;
const CONTEXTS = 3;
const PLACES = 3;

/** How deep statements nest in statements. */
const DEPTH = 4;

const oneOf = (object) => fc.constantFrom(...Object.keys(object));
const statement = (does, parts, more) => fc.record({ do: fc.constant(does), ...parts, ...more });
const weighted = (weight, arbitrary) => ({ weight, arbitrary });

/** A context: that of an index past the last one is the default context. */
const where = {
  namespace: fc.nat({ max: NAMESPACES - 1 }),
  context: fc.oneof(weighted(9, fc.nat({ max: CONTEXTS - 1 })), weighted(1, fc.constant(CONTEXTS))),
};
const targets = fc.array(fc.record(where), { minLength: 1, maxLength: 2 });
const place = { place: fc.nat({ max: PLACES - 1 }) };

/** Where programs get too deep, the first of the alternatives is taken: it must not have statements in it. */
const simple = fc.oneof(
  weighted(4, statement('enter', where)),
  weighted(2, statement('exit', where)),
  weighted(4, statement('await', { kind: oneOf(awaitables) })),
  weighted(1, statement('awaitShared')),
  weighted(3, statement('fire', place)),
  weighted(1, statement('throw')),
);

const { body } = fc.letrec((tie) => {
  const callback = { async: fc.boolean(), body: tie('body') };
  return {
    body: fc.array(tie('statement'), { maxLength: 5, size: 'max' }),
    statement: fc.oneof(
      { depthSize: 'max', maxDepth: DEPTH },
      weighted(11, simple),
      weighted(4, statement('run', where, { awaited: fc.boolean(), ...callback })),
      weighted(2, statement('bind', { ...where, ...place }, callback)),
      weighted(1, statement('add', { targets, ...place }, callback)),
      weighted(2, statement('defer', { kind: oneOf(deferrals), ...place }, callback)),
      weighted(5, statement('hop', { kind: oneOf(hops) }, callback)),
      weighted(1, statement('try', { body: tie('body') })),
      weighted(1, statement('generate', { body: tie('body') })),
      weighted(2, statement('call', { body: tie('body') })),
      weighted(1, statement('fork', { branches: fc.array(tie('body'), { minLength: 2, maxLength: 3 }) })),
    ),
  };
});

/** Programs as lists of statements, which test/random/interpreter.js performs. */
module.exports = { CONTEXTS, NAMESPACES, programs: body };
