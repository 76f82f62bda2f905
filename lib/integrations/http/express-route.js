'use strict';

/**
 * Finds the pattern of an Express route, including the mount points of its routers. For those, Express only exposes the matched
 * path (`/users/1234`). So this searches Express' own lists for the layers that lead to the route, and replaces parameter
 * values with names.
 *
 * Layers match with `matchers`, pure functions (Express 5), or with `regexp` and `keys` (Express 4).
 */

const { pathOf } = require('../../util/url-path');

/** A limit for recursion: a router may be mounted inside itself. */
const DEEPEST = 16;

/** A different text of the same kinds of characters. */
function alter(text) {
  return text.replaceAll(/[0-9a-z]/gi, (character) => {
    if (character === '9') return '0';
    if (character === 'z' || character === 'Z') return character === 'z' ? 'a' : 'A';
    return String.fromCharCode(character.charCodeAt(0) + 1);
  });
}

/** The part of a path that a layer matches, with parameters; undefined if none. */
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

/** All positions of a text within another one. */
function placesOf(text, path) {
  const places = [];
  for (let at = path.indexOf(text); at !== -1; at = path.indexOf(text, at + 1)) places.push({ at, text });
  return places;
}

/** Where a path may contain a parameter's value, plain or encoded. */
function candidates(value, path) {
  const texts = new Set([value, encodeURIComponent(value), ...path.split('/').filter((part) => decode(part) === value)]);
  return [...texts].flatMap((text) => placesOf(text, path));
}

/** Where a path contains a parameter's value: changing that position changes the parameter. */
function placeOf(layer, path, rest, name, value) {
  const places = candidates(value, path);
  if (places.length < 2) return places[0];
  return places.find(({ at, text }) => {
    const other = alter(text);
    const found = match(layer, `${path.slice(0, at)}${other}${path.slice(at + text.length)}${rest}`);
    return found !== undefined && textOf(found.params[name]) === decode(other);
  });
}

/** The value of a parameter; several segments for an Express 5 wildcard. */
const textOf = (value) => (Array.isArray(value) ? value.join('/') : value);

/** The matched path with names instead of parameter values. */
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

/** Searches routers for a route and returns the full pattern; undefined if not found. */
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

/** The pattern that an application is mounted at; undefined if unknown. */
function mountOf(app) {
  let pattern = '';
  for (let at = app; at.parent !== undefined; at = at.parent) {
    if (typeof at.mountpath !== 'string') return undefined;
    pattern = `${at.mountpath.replace(/\/$/, '')}${pattern}`;
  }
  return pattern;
}

/** Removes as many segments from the beginning of a path as a pattern has. */
function inside(path, pattern) {
  const count = pattern.split('/').length - 1;
  return `/${path.split('/').slice(count + 1).join('/')}`; // prettier-ignore
}

/**
 * @param {IncomingMessage} request handled by Express, or NestJS on Express
 * @returns {string | undefined} undefined if no route was found
 */
function expressRouteOf(request) {
  const { app, baseUrl, originalUrl, route } = request;
  if (route === undefined || route === null || route.path === undefined) return undefined;
  try {
    const [path] = originalUrl.split('?', 1);
    const mount = mountOf(app);
    const pattern = find((app._router ?? app.router).stack, inside(path, mount), route);
    if (pattern !== undefined) return `${mount}${pattern}`;
  } catch {
    // An unknown version, or not Express.
  }
  return typeof route.path === 'string' ? `${baseUrl ? pathOf(baseUrl) : ''}${route.path}` : undefined;
}

module.exports = { expressRouteOf };
