'use strict';

const { randomUUID } = require('node:crypto');
const { isPromise } = require('node:util/types');

const { Namespace, bindEmit, callOutside, slotOf } = require('../../foundation');
const { invalidType } = require('../../util/errors');

/** Describes the argument: namespaces of other copies of the package are not accepted. */
const NAMESPACE = 'a namespace created by this copy of the package (npm ls context lists the copies)';

/** A header value is used as an id if it is printable and short enough for logs. */
const ID = /^[\x21-\x7e]{1,128}$/;

/** An HTTP header name. */
const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const { apply } = Reflect;
const { then } = Promise.prototype;

/** Serves the requests of one instrumentation or middleware. */
class Service {
  #namespace;
  #slot;
  #init;
  #filter;
  #header;
  #hasWarned = false;

  /**
   * @param {Namespace} namespace
   * @param {object} [options]
   * @param {(context: Context, request: RequestLike) => void} [options.init] sets initial values, instead of an id
   * @param {(request: RequestLike) => boolean} [options.filter] whether a request gets a context
   * @param {string} [options.header] the header that may contain the request's id
   * @throws {TypeError} with code ERR_INVALID_ARG_TYPE
   */
  constructor(namespace, options = {}) {
    if (!(namespace instanceof Namespace)) throw invalidType('namespace', NAMESPACE, namespace);
    if (typeof options !== 'object' || options === null) throw invalidType('options', 'an object', options);
    const { init, filter, header } = options;
    checkFunction('options.init', init);
    checkFunction('options.filter', filter);
    if (header !== undefined && !(typeof header === 'string' && HEADER.test(header))) {
      throw invalidType('options.header', 'the name of a header', header);
    }
    this.#namespace = namespace;
    this.#slot = slotOf(namespace);
    this.#init = init ?? ((context, request) => context.set('id', this.#idOf(request)));
    this.#filter = filter;
    this.#header = header?.toLowerCase();
  }

  /**
   * Serves a request in a new context.
   * @param {RequestLike} request for `init` and `filter`
   * @param {object[]} emitters whose listeners run in the context
   * @param {object} target whose end is the context's end
   * @param {() => unknown} next serves the request
   * @returns {unknown} the result of `next`
   */
  serve(request, emitters, target, next) {
    const context = this.begin(request, target);
    return context === undefined ? next() : this.enter(context, emitters, next);
  }

  /**
   * Creates the context of a request.
   * @param {RequestLike} request
   * @param {object} target whose end is the context's end
   * @returns {Context | undefined} undefined if the filter rejects the request
   */
  begin(request, target) {
    if (!this.#accepts(request)) return undefined;
    const context = this.#namespace.createContext();
    context.endWith(target);
    forgetWhenIdle(request, target);
    this.#guard(() => this.#init(context, request));
    return context;
  }

  /**
   * Serves a request in its context.
   * @param {Context} context
   * @param {object[]} emitters whose listeners run in it
   * @param {() => unknown} next serves the request
   * @returns {unknown} the result of `next`
   */
  enter(context, emitters, next) {
    return context.run(() => {
      for (let index = 0; index < emitters.length; index++) bindEmit(emitters[index], this.#slot);
      return next();
    });
  }

  #accepts(request) {
    if (this.#filter === undefined) return true;
    let isAccepted = true;
    this.#guard(() => (isAccepted = this.#filter(request)));
    return isAccepted;
  }

  /** The id from the header, if valid, or else a new one. */
  #idOf(request) {
    const id = this.#header === undefined ? undefined : request.headers[this.#header];
    return typeof id === 'string' && ID.test(id) ? id : randomUUID();
  }

  /**
   * Calls a function of the application. If it throws or rejects, the request is served anyway, and a warning is printed once.
   * Other thenables are left alone, because their `then` may start a query.
   */
  #guard(callback) {
    try {
      const result = callback();
      // Not with a `then` of its own.
      if (isPromise(result)) apply(then, result, [undefined, (reason) => this.#warn(reason)]);
    } catch (error) {
      this.#warn(error);
    }
  }

  #warn(error) {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    process.emitWarning(
      `The option init or filter for the namespace '${this.#namespace.name}' failed: ${describe(error)}. The request is ` +
        `served without its effect. This warning is printed once.`,
      { type: 'ContextWarning', code: 'CONTEXT_REQUEST_OPTION' },
    );
  }
}

/**
 * Node.js starts the timer of an idle connection in the context of the last request, which the timer would keep alive. This
 * restarts the timer outside all contexts.
 */
function forgetWhenIdle({ socket, httpVersionMajor }, response) {
  if (httpVersionMajor !== 1 || !socket || socket === response) return;
  response.once('close', () => {
    if (socket.timeout > 0 && !socket.destroyed) callOutside(() => socket.setTimeout(socket.timeout));
  });
}

function checkFunction(name, value) {
  if (value !== undefined && typeof value !== 'function') throw invalidType(name, 'a function', value);
}

function describe(error) {
  try {
    return String(error?.stack ?? error);
  } catch {
    return 'an error that cannot be shown';
  }
}

module.exports = { Service };
