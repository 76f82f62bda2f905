'use strict';

/** What nodes of a heap snapshot are called in a line that a person reads. */

const path = require('node:path');

const MODULES = 'node_modules/';

const MODULE = 'Module';
const ESM = 'ModuleWrap';

/** An object with more properties is used as a map. */
const MANY = 20;

/** From a handle to what owns it: a socket, say. */
const OWNER = '<symbol owner_symbol>';

/** Handles of libuv, which Node.js keeps for as long as they are open. */
const HANDLE = /^(TCP|Pipe|TLSWrap|TTY|UDP|HTTPINCOMINGMESSAGE|Process|FSEvent)$/;

/** The global object, which V8 names in several ways. */
const GLOBAL = /^(global|Object) (\/|\()/;

/** Where the class of contexts is, in each copy of the package. */
const CONTEXT_FILE = /[\\/]api[\\/]context\.js$/;

const isInternal = (file) => file.startsWith('node:');

/** Shortens a path: from `node_modules` on, or relative to the current folder. */
function shorten(file) {
  const plain = file.replace(/^file:\/\//, '');
  const at = plain.replaceAll('\\', '/').lastIndexOf(MODULES);
  if (at !== -1) return plain.slice(at);
  const relative = path.relative(process.cwd(), plain);
  return relative.startsWith('..') || !path.isAbsolute(plain) ? plain : relative;
}

/** Describes nodes, and finds where functions and variables are. */
class Nodes {
  #graph;

  /** The folders of the package, with a separator: each copy has one. */
  #folders = new Set();

  /** By scope: a function that was made in it. */
  #functions = new Map();

  /**
   * @param {Graph} graph
   * @param {Iterable<number>} contexts some contexts in it
   */
  constructor(graph, contexts) {
    this.#graph = graph;
    for (const context of contexts) {
      const file = this.#placeOf(graph.child(graph.child(context, '__proto__'), 'constructor'))?.file;
      if (CONTEXT_FILE.test(file)) this.#folders.add(file.replace(CONTEXT_FILE, ''));
    }
  }

  #placeOf(closure) {
    return closure >= 0 && this.#graph.typeOf(closure) === 'closure' ? this.#graph.placeOf(closure) : undefined;
  }

  #isOurs(file) {
    for (const folder of this.#folders) if (file.startsWith(folder)) return true;
    return false;
  }

  /** Where a function of the application or a package is: ` (file:line)`; empty for those of Node.js and this package. */
  #placeText(closure) {
    const place = this.#placeOf(closure);
    if (place === undefined || isInternal(place.file) || this.#isOurs(place.file)) return '';
    return `${shorten(place.file)}:${place.line}`;
  }

  /** `name (file:line)`; undefined for functions of Node.js and this package. */
  #titleOf(closure) {
    const place = this.#placeText(closure);
    return place === '' ? undefined : `${this.#graph.nameOf(closure) || 'anonymous'} (${place})`;
  }

  /** The function that one was made from: by `context.bind` and the like, by `Function.prototype.bind`, or by `once`. */
  #targetOf(closure) {
    const graph = this.#graph;
    const native = graph.child(closure, 'bound_function');
    if (native !== -1) return native;
    const file = this.#placeOf(closure)?.file;
    if (file === undefined || !this.#isOurs(file)) return -1;
    const scope = graph.child(closure, 'context');
    const callback = graph.child(scope, 'callback');
    return callback === -1 ? graph.child(scope, 'listener') : callback;
  }

  /** @returns {string} */
  ofClosure(closure) {
    const target = this.#targetOf(closure);
    const inner = target === -1 ? undefined : this.#titleOf(target);
    if (inner !== undefined) return `bound function ${inner}`;
    const name = this.#graph.nameOf(closure);
    return `function ${this.#titleOf(closure) ?? (name === 'native_bind' ? this.#graph.nameOf(target) : name || 'anonymous')}`;
  }

  /** What a promise's reaction calls: `await in f (file:line)`; undefined if that is nothing of the application. */
  ofReaction(reaction) {
    const graph = this.#graph;
    for (const edge of graph.edgesOf(reaction)) {
      const { to } = graph.edge(edge);
      if (graph.typeOf(to) !== 'closure') continue;
      const waiting = this.#titleOf(graph.child(graph.child(graph.child(to, 'context'), 'extension'), 'function'));
      if (waiting !== undefined) return `await in ${waiting}`;
      const callback = this.#targetOf(to) === -1 ? this.#titleOf(to) : this.#titleOf(this.#targetOf(to));
      if (callback !== undefined) return `then ${callback}`;
    }
    return undefined;
  }

  /** A promise by who waits for it, if that is known. */
  ofPromise(promise) {
    const reactions = this.#graph.child(promise, 'reactions_or_result');
    const waiting = reactions === -1 ? undefined : this.ofReaction(reactions);
    return waiting === undefined ? 'Promise' : `Promise (${waiting})`;
  }

  /** The file of a module; undefined if it has none. */
  fileOfModule(node) {
    const graph = this.#graph;
    const file = graph.textOf(graph.child(node, graph.nameOf(node) === MODULE ? 'filename' : 'url'));
    return file && shorten(file);
  }

  /** A timer by the way it was made, and its callback. */
  #ofTimer(node, name) {
    const graph = this.#graph;
    const repeat = graph.child(node, '_repeat');
    // A small number has no node.
    const isInterval = name === 'Timeout' && (repeat === -1 || graph.typeOf(repeat) === 'number');
    const callback = graph.child(node, name === 'Timeout' ? '_onTimeout' : '_onImmediate');
    const target = callback === -1 ? -1 : this.#targetOf(callback);
    const place = this.#placeText(target === -1 ? callback : target);
    const call = isInterval ? 'setInterval' : `set${name}`;
    return `${name} of ${call}${place && ` at ${place}`}`;
  }

  /** The closures that an object has as properties, or in an array of them. */
  *#closuresOf(node) {
    const graph = this.#graph;
    for (const edge of node === -1 ? [] : graph.edgesOf(node)) {
      const { type, name, to } = graph.edge(edge);
      if (type !== 'property' && type !== 'element') continue;
      if (graph.typeOf(to) === 'closure') yield { name, closure: to };
      else if (graph.nameOf(to) === 'Array') for (const { closure } of this.#closuresOf(to)) yield { name, closure };
    }
  }

  /** A handle by its peer and the first listener of the application. */
  #ofHandle(node, name) {
    const graph = this.#graph;
    const owner = graph.child(node, OWNER);
    const host = graph.textOf(graph.child(owner, '_host'));
    const text = host === undefined ? name : `${name} to ${host}`;
    for (const { name: event, closure } of this.#closuresOf(graph.child(owner, '_events'))) {
      const place = this.#placeText(graph.child(closure, 'listener')) || this.#placeText(closure);
      if (place !== '') return `${text} (listener of ${event} at ${place})`;
    }
    return text;
  }

  /** @returns {string} */
  ofObject(node) {
    const graph = this.#graph;
    const name = graph.nameOf(node);
    if (name === 'system / JSProxy') return 'Proxy';
    if (GLOBAL.test(name)) return 'global';
    if (name === MODULE || name === ESM) return `module ${this.fileOfModule(node) ?? name}`;
    if (name === 'Timeout' || name === 'Immediate') return this.#ofTimer(node, name);
    if (HANDLE.test(name)) return this.#ofHandle(node, name);
    // Generators have the name of their function.
    const generated = this.#titleOf(graph.child(node, 'function'));
    if (generated !== undefined) return graph.child(node, 'parameters_and_registers') === -1 ? name : `call of ${generated}`;
    return name;
  }

  /** Whether a class of the application has this name by chance. */
  isOfProgram(node) {
    const constructor = this.#graph.child(this.#graph.child(node, '__proto__'), 'constructor');
    return this.#titleOf(constructor) !== undefined;
  }

  /** Whether a property of an object is one of many, or seems to have an id in its name. */
  isKey(node, name) {
    const graph = this.#graph;
    if (graph.typeOf(node) !== 'object' || graph.nameOf(node) !== 'Object') return false;
    if (/\d/.test(name)) return true;
    let count = 0;
    for (const edge of graph.edgesOf(node)) if (graph.edge(edge).type === 'property') count++;
    return count > MANY;
  }

  /** The file that the variables of a scope are in; undefined if it is Node.js' or ours. */
  fileOfScope(scope) {
    if (this.#functions.size === 0) this.#findFunctions();
    const file = this.#placeOf(this.#functions.get(scope) ?? -1)?.file;
    return file === undefined || isInternal(file) || this.#isOurs(file) ? undefined : shorten(file);
  }

  #findFunctions() {
    const graph = this.#graph;
    for (const closure of graph.nodesOfType('closure')) {
      // Functions of inner scopes see those around them, too.
      for (let scope = graph.child(closure, 'context'); scope !== -1; scope = graph.child(scope, 'previous')) {
        if (this.#functions.has(scope)) break;
        this.#functions.set(scope, closure);
      }
    }
  }

  /** Whether the variables of a scope are those of a module. */
  isModule(scope) {
    return this.#graph.nameOf(this.#graph.child(scope, 'previous')) === 'system / NativeContext';
  }
}

module.exports = { ESM, MODULE, MODULES, Nodes, OWNER };
