'use strict';

/** Segments of a path that are unique to a request: numbers, UUIDs and long hexadecimal numbers. */
const ID = /^(\d+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,})$/i;

/** The maximum length of a path. */
const MOST_CHARACTERS = 100;

/** Converts a URL to a path without ids. */
function pathOf(url) {
  const [path] = String(url).split('?', 1);
  return path
    .slice(0, MOST_CHARACTERS)
    .split('/')
    .map((part) => (ID.test(part) ? ':id' : part))
    .join('/');
}

module.exports = { pathOf };
