'use strict';

const { randomUUID } = require('node:crypto');

/** A header value is used as an id if it is printable and short enough for logs. */
const ID = /^[\x21-\x7e]{1,128}$/;

const isId = (value) => typeof value === 'string' && ID.test(value);

/**
 * @param {RequestLike} request
 * @param {string | undefined} header in lower case
 * @returns {string} the id in the header, if it is valid, or else a new one
 */
function idOf(request, header) {
  const id = header === undefined ? undefined : request.headers[header];
  return isId(id) ? id : randomUUID();
}

module.exports = { idOf, isId };
