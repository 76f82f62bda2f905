'use strict';

/**
 * The pattern of the route that Express has found, with those that the routers around it are mounted at. Express says no more of these
 * than the path that they have matched: `/users/1234`. So the layers that lead to the route are looked for, in the lists that Express
 * itself goes through, and where a parameter has its value the name is put in its place.
 *
 * Layers match by `matchers`, functions without a side effect (Express 5), or by `regexp` and `keys` (Express 4).
 */

/** How deep routers are looked through: one may be mounted in itself. */
const DEEPEST = 16;

/** Another text of the same kinds of characters. */
function alter(text) {
  return text.replaceAll(/[0-9a-z]/gi, (character) => {
    if (character === '9') return '0';
    if (character === 'z' || character === 'Z') return character === 'z' ? 'a' : 'A';
    return String.fromCharCode(character.charCodeAt(0) + 1);
  });
}

/** What a layer matches of a path, and with which parameters; undefined if it does not. */
function match(layer, path) {
  const { keys, matchers, regexp, slash } = layer;
  if (slash === true || regexp?.fast_slash === true) return { path: '', params: {} };
  if (Array.isArray(matchers)) {
    for (const matcher of matchers) {
      const found = matcher(path);
      if (found) return { path: found.path, params: found.params };
    }
    return undefined;
  }
  const found = regexp.exec(path);
  if (found === null) return undefined;
  const params = {};
  for (const [index, { name }] of keys.entries()) if (found[index + 1] !== undefined) params[name] = decode(found[index + 1]);
  return { path: found[0], params };
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Where a text is within another one. */
function placesOf(text, path) {
  const places = [];
  for (let at = path.indexOf(text); at !== -1; at = path.indexOf(text, at + 1)) places.push({ at, text });
  return places;
}

/** Where a path may have the value of a parameter: as it is, or encoded. */
function candidates(value, path) {
  const texts = new Set([value, encodeURIComponent(value), ...path.split('/').filter((part) => decode(part) === value)]);
  return [...texts].flatMap((text) => placesOf(text, path));
}

/** Where a path has the value of a parameter: if there is another one, the parameter is another one. */
function placeOf(layer, path, rest, name, value) {
  const places = candidates(value, path);
  if (places.length < 2) return places[0];
  return places.find(({ at, text }) => {
    const other = alter(text);
    const found = match(layer, `${path.slice(0, at)}${other}${path.slice(at + text.length)}${rest}`);
    return found !== undefined && textOf(found.params[name]) === decode(other);
  });
}

/** The value of a parameter: several parts if it is a wildcard of Express 5. */
const textOf = (value) => (Array.isArray(value) ? value.join('/') : value);

/** What a layer has matched, with the names of parameters in place of their values. */
function patternOf(layer, { path, params }, rest) {
  if (typeof layer.rawPath === 'string') return layer.rawPath;
  const places = [];
  for (const name of Object.keys(params)) {
    const value = textOf(params[name]);
    if (typeof value !== 'string' || value === '') continue;
    const place = placeOf(layer, path, rest, name, value);
    if (place !== undefined) places.push({ ...place, name: /^\d+$/.test(name) ? '*' : `:${name}` });
  }
  places.sort((one, other) => other.at - one.at);
  let pattern = path;
  for (const { at, text, name } of places) pattern = `${pattern.slice(0, at)}${name}${pattern.slice(at + text.length)}`;
  return pattern;
}

/** The pattern that leads to a route; undefined if none does. */
function find(stack, path, route, depth = 0) {
  for (const layer of stack) {
    if (layer.route === route) return typeof route.path === 'string' ? route.path : patternOfRoute(layer, path);
    const { stack: inner } = layer.handle ?? {};
    const found = Array.isArray(inner) && depth < DEEPEST ? match(layer, path) : undefined;
    if (found === undefined) continue;
    const rest = path.slice(found.path.replace(/\/$/, '').length);
    const pattern = find(inner, rest === '' ? '/' : rest, route, depth + 1);
    if (pattern !== undefined) return `${patternOf(layer, found, rest).replace(/\/$/, '')}${pattern}`;
  }
  return undefined;
}

function patternOfRoute(layer, path) {
  const found = match(layer, path);
  return found && patternOf(layer, found, '');
}

/** The pattern that an application is mounted at in others; undefined if it can't be known. */
function mountOf(app) {
  let pattern = '';
  for (let at = app; at.parent !== undefined; at = at.parent) {
    if (typeof at.mountpath !== 'string') return undefined;
    pattern = `${at.mountpath.replace(/\/$/, '')}${pattern}`;
  }
  return pattern;
}

/** A path without as many parts at its beginning as a pattern has. */
function inside(path, pattern) {
  const count = pattern.split('/').length - 1;
  return `/${path.split('/').slice(count + 1).join('/')}`; // prettier-ignore
}

/**
 * @param {IncomingMessage} request that Express, or NestJS on it, has served
 * @param {(url: string) => string} pathOf makes a path of a URL, without ids
 * @returns {string | undefined} undefined if it has found no route
 */
function expressRouteOf(request, pathOf) {
  const { app, baseUrl, originalUrl, route } = request;
  if (route === undefined || route === null || route.path === undefined) return undefined;
  try {
    const [path] = originalUrl.split('?', 1);
    const mount = mountOf(app);
    const pattern = find((app._router ?? app.router).stack, inside(path, mount), route);
    if (pattern !== undefined) return `${mount}${pattern}`;
  } catch {
    // Another version of it, or not Express at all.
  }
  return typeof route.path === 'string' ? `${baseUrl ? pathOf(baseUrl) : ''}${route.path}` : undefined;
}

module.exports = { expressRouteOf };
