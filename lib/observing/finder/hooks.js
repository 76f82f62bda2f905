'use strict';

/**
 * Where the application's code comes from: CommonJS, ECMAScript modules, scripts of `vm` (Jest, Vitest). Packages stay as they
 * are.
 */

const Module = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const vm = require('node:vm');
const { MessageChannel, receiveMessageOnPort } = require('node:worker_threads');

const { GLOBAL, restore } = require('./compile');
const { APPLICATION } = require('./places');
const { OF_LOADER } = require('./units');

const { apply, construct } = Reflect;

/** Node.js strips the types of these itself. */
const TYPESCRIPT = /typescript$/;

/** Removes types as Node.js does: each becomes spaces. Its warning that this is experimental comes from Node.js itself. */
function strip(source) {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return Module.stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** A function's text is what its author wrote: some programs read it, or run it elsewhere. */
function keepTexts(prototype) {
  const original = prototype.toString;
  const toString = new Proxy(original, { __proto__: null, apply: (target, self, args) => restore(apply(target, self, args)) });
  Object.defineProperty(prototype, 'toString', { value: toString, configurable: true, writable: true });
}

function expose(global, probes) {
  Object.defineProperty(global, GLOBAL, { __proto__: null, value: probes, configurable: true });
}

function hookCommonJs(compile) {
  const { _compile } = Module.prototype;
  Module.prototype._compile = function (content, filename, format, ...rest) {
    if (format === 'module' || format === 'module-typescript')
      return apply(_compile, this, [content, filename, format, ...rest]);
    const isTyped = TYPESCRIPT.test(format ?? '');
    const source = isTyped ? strip(content) : content;
    const code = compile(source, filename, { isModule: false });
    const kind = isTyped && code !== source ? 'commonjs' : format;
    return apply(_compile, this, [code === source ? content : code, filename, kind, ...rest]);
  };
}

/** ECMAScript modules, in this thread. */
function hookModules(compile, isOurs) {
  const hooks = {
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.startsWith('file:') || !isOurs(url) || !/^module/.test(loaded.format ?? '')) return loaded;
      if (loaded.source === null || loaded.source === undefined) return loaded;
      const text = typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source).toString();
      const source = TYPESCRIPT.test(loaded.format) ? strip(text) : text;
      const code = compile(source, url, { isModule: true });
      return code === source ? loaded : { ...loaded, format: 'module', source: code };
    },
  };
  const { registerHooks } = Module;
  let ours = registerHooks(hooks);
  // Hooks that were registered last see a source last: ours have to see what tsx has made of it.
  Module.registerHooks = (...args) => {
    const theirs = registerHooks(...args);
    ours.deregister();
    ours = registerHooks(hooks);
    return theirs;
  };
}

/**
 * ECMAScript modules of Node.js without `registerHooks`: its loader's thread compiles them, last of all hooks.
 * @returns {() => object | undefined} receives the next unit from there
 */
function hookModulesInThread(included) {
  const { register } = Module;
  const ports = [];
  const add = () => {
    const { port1, port2 } = new MessageChannel();
    port1.unref();
    ports.push(port1);
    const data = { port: port2, first: OF_LOADER * ports.length, included };
    register(`${pathToFileURL(path.join(__dirname, 'loader.mjs'))}?${ports.length}`, { data, transferList: [port2] });
  };
  add();
  Module.register = (...args) => {
    const result = register(...args);
    add();
    return result;
  };
  return () => {
    for (const port of ports) {
      const received = receiveMessageOnPort(port);
      if (received !== undefined) return received.message;
    }
    return undefined;
  };
}

/** Scripts with the name of a file of the application: test runners load modules in this way. */
function hookScripts(compile, isOurs, probes) {
  const compiled = (code, options) => {
    const { filename, lineOffset } = typeof options === 'string' ? { filename: options } : (options ?? {});
    return typeof filename === 'string' && isOurs(filename)
      ? compile(String(code), filename, { isModule: false, lineOffset })
      : code;
  };
  const prepared = new WeakSet();
  const prepare = (global) => {
    if (typeof global !== 'object' || global === null || !vm.isContext(global) || prepared.has(global)) return;
    prepared.add(global);
    expose(global, probes);
    keepTexts(apply(runInContext, new Script('Function.prototype'), [global]));
  };
  const { Script } = vm;
  const { runInContext } = Script.prototype;
  Script.prototype.runInContext = function (global, ...rest) {
    prepare(global);
    return apply(runInContext, this, [global, ...rest]);
  };
  vm.Script = new Proxy(Script, {
    __proto__: null,
    construct: (target, [code, options], newTarget) => construct(target, [compiled(code, options), options], newTarget),
  });
  const { compileFunction, runInThisContext } = vm;
  vm.runInThisContext = (code, options) => runInThisContext(compiled(code, options), options);
  vm.compileFunction = (code, params, options) => {
    prepare(options?.parsingContext);
    return compileFunction(compiled(code, options), params, options);
  };
}

/**
 * @param {object} finder
 * @param {(source: string, file: string, options: object) => string} finder.compile
 * @param {(file: string) => symbol | string} finder.kindOf
 * @param {object} finder.probes
 * @param {string[]} finder.included packages that are compiled too
 */
function install({ compile, kindOf, probes, included, receiveFrom }) {
  const isOurs = (file) => kindOf(file) === APPLICATION;
  expose(globalThis, probes);
  keepTexts(Function.prototype);
  hookCommonJs(compile);
  hookScripts(compile, isOurs, probes);
  if (Module.registerHooks) hookModules(compile, isOurs);
  else receiveFrom(hookModulesInThread(included));
  Module.syncBuiltinESMExports();
}

module.exports = { install };
