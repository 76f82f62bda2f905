/** Compiles ECMAScript modules in the loader's thread of Node.js 20, and sends what the finder has to know of them. */

import compiling from './compile.js';
import places from './places.js';

let port;
let next;
let kindOf;

export function initialize({ port: toFinder, first, included }) {
  port = toFinder;
  next = first;
  ({ kindOf } = places.createPlaces(included));
}

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  const isOurs = url.startsWith('file:') && kindOf(url) === places.APPLICATION;
  if (!isOurs || loaded.format !== 'module' || loaded.source === null || loaded.source === undefined) return loaded;
  try {
    const unit = compiling.compile(String(loaded.source), { isModule: true, first: next });
    port.postMessage({ ...unit, file: url, first: next, lineOffset: 0 });
    next += unit.sites.length;
    return { ...loaded, source: unit.code };
  } catch (error) {
    port.postMessage({ file: url, error: error.message });
    return loaded;
  }
}
