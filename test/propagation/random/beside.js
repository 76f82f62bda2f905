'use strict';

const assert = require('node:assert');

const { observe } = require('../../../lib/engine/tracker');
const { NamespacesAlone, OracleAlone } = require('./apart');

/** Switches hooks on, if there are any: a promise that was made before would take what is active when it is settled. */
function switchOn() {
  OracleAlone.switchOn();
  NamespacesAlone.switchOn();
}

/** Has the tracker keep the core up to date, so that it has to know without being asked to look; until the returned function is called. */
function observeCore() {
  NamespacesAlone.isObserved = true;
  const stop = observe();
  return () => {
    NamespacesAlone.isObserved = false;
    stop();
  };
}

/** The namespaces, and beside them the oracle. What is done to one is done to the other. */
class Beside {
  #oracle = new OracleAlone();
  #namespaces = new NamespacesAlone();

  enter(place) {
    this.#namespaces.enter(place);
    this.#oracle.enter(place);
  }

  exit(place) {
    assert.strictEqual(this.#namespaces.exit(place), this.#oracle.exit(place), 'whether the context was entered');
  }

  run(place, callback) {
    return this.#oracle.run(place, callback, (inside) => this.#namespaces.run(place, inside));
  }

  bind(place, callback) {
    return this.#oracle.bind(place, callback, this.#namespaces.binding(place));
  }

  add(places, callback) {
    return this.#oracle.add(places, this.#namespaces.add(places, callback));
  }

  contained(callback) {
    return this.#oracle.contained(callback);
  }

  /**
   * Compares each namespace, and what the core holds to be active, with the oracle.
   *
   * @param {string} step after which this is, for the message
   * @throws {assert.AssertionError} if they differ
   */
  compare(step) {
    assert.strictEqual(this.#namespaces.state(), this.#oracle.state(), `after '${step}' namespaces and oracle differ`);
  }

  /** Asserts that nothing is active in any namespace. */
  compareOutside(step) {
    this.#namespaces.compareOutside(step);
  }

  /** Compares how often each context has emitted `end` with how often it should, when all is over. */
  compareEnds() {
    assert.deepStrictEqual(this.#namespaces.ends, this.#oracle.ends, 'the ends of each context, by namespace');
  }
}

module.exports = { Beside, observeCore, switchOn };
