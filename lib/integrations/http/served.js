'use strict';

/** The contexts that requests have: one in each namespace. */

const { makeHiddenField } = require('../../util/hidden-field');

/** A context of a request, and a service that has prepared it. Linked, the context of the first service first. */
class Served {
  constructor(service, context) {
    this.service = service;
    this.context = context;
    this.next = undefined;
  }
}

Object.setPrototypeOf(Served.prototype, null);

/** By request, or stream of HTTP/2: the first Served. */
const field = makeHiddenField();

/**
 * @param {object} request
 * @returns {{ value: Served | undefined }} what services have noted of it
 */
const servedOf = (request) => field.entryOf(request);

/** Whether a service has noted a request before: it may be emitted again, by a `checkContinue` handler or another server. */
function contextBy(service, first) {
  let at = first;
  while (at !== undefined && at.service !== service) at = at.next;
  return at?.context;
}

/** The context of a request in a namespace, from any service; undefined if there is none. */
function contextIn(namespace, first) {
  let at = first;
  while (at !== undefined && at.service.namespace !== namespace) at = at.next;
  return at?.context;
}

/** Notes that a service has prepared a context of a request. */
function note(known, service, context) {
  const served = new Served(service, context);
  const first = known.value;
  if (first === undefined) {
    known.value = served;
    return;
  }
  served.next = first.next;
  first.next = served;
}

module.exports = { contextBy, contextIn, note, servedOf };
