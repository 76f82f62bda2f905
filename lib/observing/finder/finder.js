'use strict';

/** The finder of this thread: started once, by `context/finder/register` or `context-find`. */

const { withCode } = require('../../util/errors');
const { createCarriers } = require('./carriers');
const { install } = require('./hooks');
const { createPlaces } = require('./places');
const { createProbes } = require('./probes');
const { byCount, describe } = require('./report');
const running = require('./running');
const { createSuspicions } = require('./suspicions');
const { loadAcorn } = require('./syntax');
const { Units } = require('./units');
const { createStoresView, namespaces } = require('./views');

/**
 * Starts the finder in this thread, with options as in options.js. Code that is loaded from now on is watched.
 * @returns {{ report: () => { findings: object[], failures: [file: string, why: string][] }, clear: () => void }}
 * @throws {Error} with code ERR_CONTEXT_ACORN if acorn is not installed, or ERR_CONTEXT_FINDER_RUNNING if it was started already
 */
function start({ als = false, all = false, own = false, carriers = false, include = [] } = {}) {
  if (running.finder !== undefined) {
    const message = 'The finder runs in this thread already: start it once, before the application is loaded';
    throw withCode(new Error(message), 'ERR_CONTEXT_FINDER_RUNNING');
  }
  loadAcorn();
  const view = als ? createStoresView() : namespaces;
  const places = createPlaces(include);
  const units = new Units(places);
  const suspicions = createSuspicions(view, places, units, {
    own,
    carrierOf: carriers ? createCarriers(view, places, units) : undefined,
  });
  view.watch(suspicions.noteRead);
  install({ units, probes: createProbes(view, suspicions, units), included: include });
  const report = () => {
    units.drain();
    const found = [...suspicions.all.values()].filter(({ reads }) => reads > 0 || all);
    const findings = found.map((each) => describe(each, units, view.repairs)).sort(byCount);
    return { findings, failures: [...units.failures] };
  };
  running.finder = { report, clear: suspicions.clear };
  return running.finder;
}

module.exports = { start };
