'use strict';

/** The finder of this thread: started once, by `context/finder/register` or `context-find`. */

const { withCode } = require('../../util/errors');
const { createCarriers } = require('./carriers');
const { compile: compileSource } = require('./compile');
const { install } = require('./hooks');
const { APPLICATION, createPlaces } = require('./places');
const { createProbes } = require('./probes');
const { describe } = require('./report');
const running = require('./running');
const { createSuspicions } = require('./suspicions');
const { loadAcorn } = require('./syntax');
const { Units } = require('./units');
const { createStoresView, namespaces } = require('./views');

/** Files of the application that could not be compiled, and why. */
const failures = new Map();

class Finder {
  #view;
  #units;
  #suspicions;
  #options;

  constructor({ als = false, all = false, own = false, carriers = false, include = [] }) {
    const view = als ? createStoresView() : namespaces;
    const places = createPlaces(include);
    let receive = () => undefined;
    const units = new Units(() => receive());
    const carrierOf = carriers ? createCarriers(view, places) : undefined;
    const suspicions = createSuspicions(view, places, units, { own, carrierOf });
    const probes = createProbes(view, suspicions, (site) => units.siteOf(site));
    this.#view = view;
    this.#units = units;
    this.#suspicions = suspicions;
    this.#options = { all };
    view.watch(suspicions.noteRead);
    const compile = (source, file, { isModule, lineOffset = 0 }) => {
      if (places.kindOf(file) !== APPLICATION) return source;
      try {
        const first = units.next;
        const unit = compileSource(source, { isModule, first, lineOffset });
        units.add({ ...unit, file, first, lineOffset });
        return unit.code;
      } catch (error) {
        failures.set(file, error.message);
        return source;
      }
    };
    const receiveFrom = (next) => {
      receive = () => {
        const unit = next();
        if (unit?.error === undefined) return unit;
        failures.set(unit.file, unit.error);
        return receive();
      };
    };
    install({ compile, kindOf: places.kindOf, probes, included: include, receiveFrom });
  }

  findings() {
    const found = [...this.#suspicions.all.values()].filter(({ reads }) => reads > 0 || this.#options.all);
    return found.map((each) => describe(each, this.#units, this.#view.repairs)).sort(byCount);
  }

  clear() {
    this.#suspicions.clear();
  }
}

/** The commonest first. */
const byCount = (one, other) => other.foreign + other.none - (one.foreign + one.none);

/**
 * Starts the finder in this thread. Code that is loaded from now on is watched.
 * @param {object} [options] see index.d.ts
 * @throws {Error} with code ERR_CONTEXT_ACORN if acorn is not installed, or ERR_CONTEXT_FINDER_RUNNING if it was started already
 */
function start(options = {}) {
  if (running.finder !== undefined) {
    const message = 'The finder runs in this thread already: start it once, before the application is loaded';
    throw withCode(new Error(message), 'ERR_CONTEXT_FINDER_RUNNING');
  }
  loadAcorn();
  running.finder = new Finder(options);
}

module.exports = { failures, start };
