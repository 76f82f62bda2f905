'use strict';

/** Where the application's code comes from: CommonJS, ECMAScript modules, scripts of `vm` (Jest, Vitest). */

const Module = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const vm = require('node:vm');
const { MessageChannel, receiveMessageOnPort } = require('node:worker_threads');

const { GLOBAL, restore } = require('./compile');

const { apply, construct } = Reflect;

/** Formats: Node.js strips the types of the second itself. */
const MODULE = /^module/;
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

/** Compiles a source of a format of Node.js. Returns undefined if it stays as it is. */
function prepare(units, text, file, format, isModule) {
  const source = TYPESCRIPT.test(format) ? strip(text) : text;
  const code = units.compile(source, file, { isModule });
  return code === source ? undefined : code;
}

function hookCommonJs(units) {
  const { _compile } = Module.prototype;
  Module.prototype._compile = function (content, filename, format, ...rest) {
    const code = MODULE.test(format) ? undefined : prepare(units, content, filename, format, false);
    const args =
      code === undefined ? [content, filename, format] : [code, filename, TYPESCRIPT.test(format) ? 'commonjs' : format];
    return apply(_compile, this, [...args, ...rest]);
  };
}

/** Has our hooks registered again after those of others, such as tsx: who comes last sees what all have made of a source. */
function stayLast(name, add) {
  const register = Module[name];
  let remove = add(register);
  Module[name] = (...args) => {
    const result = register(...args);
    remove?.();
    remove = add(register);
    return result;
  };
}

/** ECMAScript modules, in this thread. */
function hookModules(units) {
  function load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const { format, source } = loaded;
    if (!MODULE.test(format) || !source) return loaded;
    const text = typeof source === 'string' ? source : Buffer.from(source).toString();
    const code = prepare(units, text, url, format, true);
    return code === undefined ? loaded : { ...loaded, format: 'module', source: code };
  }
  stayLast('registerHooks', (register) => {
    const ours = register({ load });
    return () => ours.deregister();
  });
}

/** ECMAScript modules of Node.js without `registerHooks`: its loader's thread compiles them. */
function hookModulesInThread(units, included) {
  const { port1, port2 } = new MessageChannel();
  port1.unref();
  const loader = pathToFileURL(path.join(__dirname, 'loader.mjs'));
  let first = { data: { port: port2, included }, transferList: [port2] };
  let count = 0;
  stayLast('register', (register) => {
    register(`${loader}?${++count}`, first);
    first = undefined;
  });
  units.receive = () => receiveMessageOnPort(port1)?.message;
}

/** Scripts with the name of a file of the application: test runners load modules in this way. */
function hookScripts(units, probes) {
  const compiled = (code, options) => {
    const { filename, lineOffset } = typeof options === 'string' ? { filename: options } : (options ?? {});
    if (typeof filename !== 'string' || typeof code !== 'string') return code;
    return units.compile(code, filename, { isModule: false, lineOffset });
  };
  const known = new WeakSet();
  const enter = (global) => {
    if (typeof global !== 'object' || global === null || !vm.isContext(global) || known.has(global)) return;
    known.add(global);
    expose(global, probes);
    keepTexts(apply(runInContext, new Script('Function.prototype'), [global]));
  };
  const { Script } = vm;
  const { runInContext } = Script.prototype;
  Script.prototype.runInContext = function (global, ...rest) {
    enter(global);
    return apply(runInContext, this, [global, ...rest]);
  };
  vm.Script = new Proxy(Script, {
    __proto__: null,
    construct: (target, [code, options], newTarget) => construct(target, [compiled(code, options), options], newTarget),
  });
  const { compileFunction, runInThisContext } = vm;
  vm.runInThisContext = (code, options) => runInThisContext(compiled(code, options), options);
  vm.compileFunction = (code, params, options) => {
    enter(options?.parsingContext);
    return compileFunction(compiled(code, options), params, options);
  };
}

/** Has units compile the application's code, which then calls the probes. */
function install({ units, probes, included }) {
  expose(globalThis, probes);
  keepTexts(Function.prototype);
  hookCommonJs(units);
  hookScripts(units, probes);
  if (Module.registerHooks) hookModules(units);
  else hookModulesInThread(units, included);
  Module.syncBuiltinESMExports();
}

module.exports = { install };
