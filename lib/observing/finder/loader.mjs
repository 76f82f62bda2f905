/** Compiles ECMAScript modules in the loader's thread of Node.js 20, and sends what the finder has to know of them. */

import compiling from './compile.js';
import places from './places.js';

/** What the instances of this module share: the latest one sees what all other hooks have made of a source. */
const kShared = Symbol.for('context.finder.loader');

/** The first number of a place: beyond those of the finder's thread. */
const FIRST = 100_000_000;

const instance = {};
let shared;

// Hooks of the application are compiled as well, but run in this thread: each probe returns what it gets.
globalThis[compiling.GLOBAL] = new Proxy({}, { get: () => (site, value) => value });

export function initialize(data) {
  if (data) globalThis[kShared] = { port: data.port, next: FIRST, kindOf: places.createPlaces(data.included).kindOf };
  shared = globalThis[kShared];
  shared.latest = instance;
}

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  const isOurs = shared.latest === instance && shared.kindOf(url) === places.APPLICATION;
  if (!isOurs || loaded.format !== 'module' || !loaded.source) return loaded;
  const source = typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source).toString();
  const first = shared.next;
  try {
    const unit = compiling.compile(source, { isModule: true, first });
    shared.port.postMessage({ ...unit, file: url, first, lineOffset: 0 });
    shared.next += unit.sites.length;
    return { ...loaded, source: unit.code };
  } catch (error) {
    shared.port.postMessage({ file: url, error: error.message });
    return loaded;
  }
}
