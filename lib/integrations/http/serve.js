'use strict';

const { randomUUID } = require('node:crypto');
const { isPromise } = require('node:util/types');

const { Namespace, bindEmit, callOutside, slotOf } = require('../../foundation');
const { invalidType } = require('../../util/errors');

/** What is to be passed: a namespace of another copy of the package is none. */
const NAMESPACE =
  'one that createNamespace of this copy of the package has made (npm ls context tells whether there are several)';

/** What a header may give for an id: printable, and not so long that it fills a log. */
const ID = /^[\x21-\x7e]{1,128}$/;

/** The name of a header, as HTTP has it. */
const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const { apply } = Reflect;
const { then } = Promise.prototype;

/** What the requests of one instrumentation, or of one middleware, are served by. */
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
   * @param {(context: Context, request: RequestLike) => void} [options.init] sets the first values; in place of the id
   * @param {(request: RequestLike) => boolean} [options.filter] whether a request has a context
   * @param {string} [options.header] that has the id of a request, if its caller has given it one
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
   * Serves a request in a context of its own, which ends with it.
   *
   * @param {RequestLike} request what `init` and `filter` get
   * @param {object[]} emitters whose listeners run in the context
   * @param {object} target with which the context ends
   * @param {() => unknown} next what serves the request
   * @returns {unknown} what `next` returns
   */
  serve(request, emitters, target, next) {
    const context = this.begin(request, target);
    return context === undefined ? next() : this.enter(context, emitters, next);
  }

  /**
   * Makes the context of a request.
   *
   * @param {RequestLike} request
   * @param {object} target with which the context ends
   * @returns {Context | undefined} undefined if the request is to have none
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
   *
   * @param {Context} context
   * @param {object[]} emitters whose listeners run in it
   * @param {() => unknown} next what serves the request
   * @returns {unknown} what `next` returns
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

  /** The id that the caller has given, if it can be used, or a new one. */
  #idOf(request) {
    const id = this.#header === undefined ? undefined : request.headers[this.#header];
    return typeof id === 'string' && ID.test(id) ? id : randomUUID();
  }

  /**
   * Calls a function of the application's. If it throws, or returns a promise that is rejected, the request is served all the same,
   * and the process is warned once. Other thenables are left alone: their `then` may start a query.
   */
  #guard(callback) {
    try {
      const result = callback();
      // Never by a `then` of its own.
      if (isPromise(result)) apply(then, result, [undefined, (reason) => this.#warn(reason)]);
    } catch (error) {
      this.#warn(error);
    }
  }

  #warn(error) {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    process.emitWarning(
      `An option init or filter for the namespace '${this.#namespace.name}' has thrown: ${describe(error)}. The request is ` +
        `served without what it would have set. This is told once.`,
      { type: 'ContextWarning', code: 'CONTEXT_REQUEST_OPTION' },
    );
  }
}

/**
 * Node.js starts the timer of an idle connection in the context of the request before, and would keep that for as long. Starts it
 * anew outside of all contexts.
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
