/** Compiles ECMAScript modules in the loader's thread of Node.js 20, and sends what the finder has to know of them. */

import compiling from './compile.js';
import places from './places.js';

/** The latest instance of this module: the one whose hook sees what all others have made of a source. */
const kLatest = Symbol.for('context.finder.loader');

const instance = {};
let port;
let next;
let kindOf;

export function initialize({ port: toFinder, first, included }) {
  globalThis[kLatest] = instance;
  port = toFinder;
  next = first;
  ({ kindOf } = places.createPlaces(included));
}

const textOf = (source) => (typeof source === 'string' ? source : Buffer.from(source).toString());

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (globalThis[kLatest] !== instance) return loaded;
  const isOurs = url.startsWith('file:') && kindOf(url) === places.APPLICATION;
  if (!isOurs || loaded.format !== 'module' || loaded.source === null || loaded.source === undefined) return loaded;
  try {
    const unit = compiling.compile(textOf(loaded.source), { isModule: true, first: next });
    port.postMessage({ ...unit, file: url, first: next, lineOffset: 0 });
    next += unit.sites.length;
    return { ...loaded, source: unit.code };
  } catch (error) {
    port.postMessage({ file: url, error: error.message });
    return loaded;
  }
}
