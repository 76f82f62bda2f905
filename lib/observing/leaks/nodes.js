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
  /** The folders of the package: each copy has one. */
  #folders;
  /** By scope: a function that was made in it. */
  #functions;

  /** @param {Iterable<number>} contexts some contexts in the graph */
  constructor(graph, contexts) {
    this.#graph = graph;
    const files = Array.from(contexts, (context) => graph.placeOf(graph.path(context, '__proto__', 'constructor'))?.file);
    this.#folders = new Set(files.filter((file) => CONTEXT_FILE.test(file)).map((file) => file.replace(CONTEXT_FILE, '')));
  }

  #isOurs(file) {
    return [...this.#folders].some((folder) => file?.startsWith(folder));
  }

  /** Where a function of the application or a package is; undefined for those of Node.js and this package. */
  #placeOf(closure) {
    const { file, line } = this.#graph.placeOf(closure) ?? { file: 'node:' };
    return file.startsWith('node:') || this.#isOurs(file) ? undefined : { file: shorten(file), line };
  }

  #placeText(closure) {
    const place = this.#placeOf(closure);
    return place && `${place.file}:${place.line}`;
  }

  #titleOf(closure) {
    const place = this.#placeText(closure);
    return place && `${this.#graph.nameOf(closure) || 'anonymous'} (${place})`;
  }

  /** The function that one was made from: by `context.bind` and the like, by `Function.prototype.bind`, or by `once`. */
  #targetOf(closure) {
    const native = this.#graph.child(closure, 'bound_function');
    if (native !== -1 || !this.#isOurs(this.#graph.placeOf(closure)?.file)) return native;
    return this.#graph.child(this.#graph.child(closure, 'context'), 'callback', 'listener');
  }

  /** That function, or this one if there is none. */
  #innerOf(closure) {
    const target = this.#targetOf(closure);
    return target === -1 ? closure : target;
  }

  ofClosure(closure) {
    const target = this.#targetOf(closure);
    const inner = this.#titleOf(target);
    if (inner !== undefined) return `bound function ${inner}`;
    const name = this.#graph.nameOf(closure);
    return `function ${this.#titleOf(closure) ?? (name === 'native_bind' ? this.#graph.nameOf(target) : name || 'anonymous')}`;
  }

  /** What a promise's reaction calls: `await in f (file:line)`; undefined if that is nothing of the application. */
  ofReaction(reaction) {
    const graph = this.#graph;
    for (const { to } of graph.edgesOf(reaction)) {
      if (graph.typeOf(to) !== 'closure') continue;
      const waiting = this.#titleOf(graph.path(to, 'context', 'extension', 'function'));
      if (waiting !== undefined) return `await in ${waiting}`;
      const callback = this.#titleOf(this.#innerOf(to));
      if (callback !== undefined) return `then ${callback}`;
    }
    return undefined;
  }

  /** A promise by who waits for it, if that is known. */
  ofPromise(promise) {
    const waiting = this.ofReaction(this.#graph.child(promise, 'reactions_or_result'));
    return waiting === undefined ? 'Promise' : `Promise (${waiting})`;
  }

  /** The file of a module; undefined if it has none. */
  fileOfModule(node) {
    const file = this.#graph.textOf(this.#graph.child(node, this.#graph.nameOf(node) === MODULE ? 'filename' : 'url'));
    return file && !this.#isOurs(file) ? shorten(file) : undefined;
  }

  /** A timer by the way it was made, and its callback. */
  #ofTimer(node, name) {
    const graph = this.#graph;
    const repeat = graph.child(node, '_repeat');
    // A small number has no node.
    const isInterval = name === 'Timeout' && (repeat === -1 || graph.typeOf(repeat) === 'number');
    const place = this.#placeText(this.#innerOf(graph.child(node, '_onTimeout', '_onImmediate')));
    return `${name} of ${isInterval ? 'setInterval' : `set${name}`}${place ? ` at ${place}` : ''}`;
  }

  /** The closures that an object has as properties, or in an array of them. */
  *#closuresOf(node) {
    const graph = this.#graph;
    for (const { type, name, to } of graph.edgesOf(node)) {
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
      const place = this.#placeText(graph.child(closure, 'listener')) ?? this.#placeText(closure);
      if (place !== undefined) return `${text} (listener of ${event} at ${place})`;
    }
    return text;
  }

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
    return generated && graph.child(node, 'parameters_and_registers') !== -1 ? `call of ${generated}` : name;
  }

  /** Whether a class of the application has this name by chance. */
  isOfProgram(node) {
    return this.#placeOf(this.#graph.path(node, '__proto__', 'constructor')) !== undefined;
  }

  /** Whether a property of an object is one of many, or seems to have an id in its name. */
  isKey(node, name) {
    const graph = this.#graph;
    if (graph.typeOf(node) !== 'object' || graph.nameOf(node) !== 'Object') return false;
    return /\d/.test(name) || Array.from(graph.edgesOf(node)).filter(({ type }) => type === 'property').length > MANY;
  }

  /** The file that the variables of a scope are in; undefined if it is Node.js' or ours. */
  fileOfScope(scope) {
    this.#functions ??= this.#findFunctions();
    return this.#placeOf(this.#functions.get(scope) ?? -1)?.file;
  }

  #findFunctions() {
    const functions = new Map();
    for (const closure of this.#graph.nodesOfType('closure')) {
      // Functions of inner scopes see those around them, too.
      let scope = this.#graph.child(closure, 'context');
      for (; scope !== -1 && !functions.has(scope); scope = this.#graph.child(scope, 'previous')) functions.set(scope, closure);
    }
    return functions;
  }

  /** Whether the variables of a scope are those of a module. */
  isModule(scope) {
    return this.#graph.nameOf(this.#graph.child(scope, 'previous')) === 'system / NativeContext';
  }
}

module.exports = { ESM, MODULE, MODULES, Nodes, OWNER };
