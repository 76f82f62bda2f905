'use strict';

/** Loaded before a program, loses one of many changes of what is active: a fault that hits one request in some hundreds. */

const engine = require('../../../lib/engine');

const EVERY = 5003;

const { set } = engine;
let count = 0;
engine.set = (snapshot) => {
  if (++count % EVERY !== 0) set(snapshot);
};
