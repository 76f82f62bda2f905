'use strict';

const { IncomingMessage, ServerResponse } = require('node:http');
const { isPromise } = require('node:util/types');

const { bindEmit, engine, frameOf, lifetimeOf, prepareEmit, serialOf, slotOf } = require('../../foundation');
const { echoId } = require('./echo');
const { idOf } = require('./ids');
const { checkOptions } = require('./options');
const { endWithResponse } = require('./over');
const { listenForRoutes } = require('./route');
const { contextBy, contextIn, note, servedOf } = require('./served');

const { apply } = Reflect;
const { then } = Promise.prototype;

/**
 * A request to serve.
 * @typedef {object} Unit
 * @property {object} key identifies the request
 * @property {RequestLike} request for `init` and `filter`
 * @property {ResponseLike} target whose end is the context's end
 * @property {object[]} emitters whose listeners run in the context
 */

/** Serves the requests of one instrumentation or middleware. */
class Service {
  #slot;
  #options;
  #hasWarned = false;

  /** See `checkOptions`. */
  constructor(namespace, options) {
    this.#options = checkOptions(namespace, options);
    this.namespace = namespace;
    this.#slot = slotOf(namespace);
    listenForRoutes();
    prepareEmit(IncomingMessage.prototype);
    prepareEmit(ServerResponse.prototype);
  }

  /**
   * Serves a request in its context of the namespace, which is created if it has none yet.
   * @param {Unit} unit
   * @param {() => unknown} next serves the request
   * @returns {unknown} the result of `next`
   */
  serve(unit, next) {
    const served = servedOf(unit.key);
    const own = contextBy(this, served.value);
    if (own !== undefined) return this.#reenter(own, next);
    if (!this.#accepts(unit.request)) return next();
    const known = contextIn(this.namespace, served.value);
    const context = known ?? this.#begin(unit);
    if (known !== undefined) this.#limit(known);
    note(served, this, context);
    this.#prepare(context, unit);
    return known === undefined ? this.#enter(context, unit.emitters, next) : this.#reenter(known, next);
  }

  #begin({ request, target }) {
    const context = this.namespace.createContext(undefined, this.#options.context);
    endWithResponse(request, target, context);
    return context;
  }

  /** Sets the deadline of a context that another service has created, if it has none. */
  #limit(context) {
    const { timeout } = this.#options.context;
    if (timeout !== undefined && !context.ended && context.remainingTime === Infinity) lifetimeOf(context).startTimer(timeout);
  }

  /** Sets initial values; of a context that another service has created, what is missing. */
  #prepare(context, { request, target }) {
    const { echo, header, init, key } = this.#options;
    try {
      if (init !== undefined) this.#watchResult(init(context, request, target));
      else if (!context.has(key)) context.set(key, idOf(request, header));
    } catch (error) {
      this.#warn(error);
    }
    if (echo !== undefined) this.#guard(() => echoId(target, echo, () => context.get(key)));
  }

  /** Serves a request in its new context. */
  #enter(context, emitters, next) {
    return context.run(() => {
      for (let index = 0; index < emitters.length; index++) bindEmit(emitters[index], this.#slot);
      return next();
    });
  }

  /** Serves a request in the context that it has. Contexts that were entered in that are left alone: it is a root, and would hide them. */
  #reenter(context, next) {
    let frame = frameOf(engine.current(), this.#slot);
    // The default context hides what encloses it.
    while (frame !== undefined && frame.context !== context && serialOf(frame.context) !== 0) frame = frame.enclosing;
    return frame?.context === context ? next() : context.run(() => next());
  }

  #accepts(request) {
    const { filter } = this.#options;
    if (filter === undefined) return true;
    let isAccepted = true;
    this.#guard(() => (isAccepted = filter(request)));
    return isAccepted;
  }

  /** Calls a function of the application. If it throws, the request is served anyway, and a warning is printed once. */
  #guard(callback) {
    try {
      this.#watchResult(callback());
    } catch (error) {
      this.#warn(error);
    }
  }

  /** A promise may reject. Other thenables are left alone, because their `then` may start a query. */
  #watchResult(result) {
    // Not with a `then` of its own.
    if (isPromise(result)) apply(then, result, [undefined, (reason) => this.#warn(reason)]);
  }

  #warn(error) {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    process.emitWarning(
      `The option init or filter for the namespace '${this.namespace.name}' failed: ${describe(error)}. The request is ` +
        `served without its effect. This warning is printed once.`,
      { type: 'ContextWarning', code: 'CONTEXT_REQUEST_OPTION' },
    );
  }
}

function describe(error) {
  try {
    return String(error?.stack ?? error);
  } catch {
    return 'an error that cannot be shown';
  }
}

module.exports = { Service };
