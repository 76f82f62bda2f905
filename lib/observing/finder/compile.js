'use strict';

/**
 * Compiles a source file of the application: each function reports where it was made and when it runs, and each argument where
 * it was passed. Lines stay as they are; what is inserted stands between two comments, so that it can be removed again.
 */

const { HARMLESS, MAY_PASS, OF_COLLECTIONS, OF_QUEUES, OF_VITE } = require('./syntax');
const { bare, childrenOf, hasInside, inferredName, isFunction, namesOf, parse, startOf } = require('./syntax');

/** The global that compiled code calls. */
const GLOBAL = '__contextFinder';

const OPEN = '/*cf<*/';
const CLOSE = '/*>cf*/';
const INSERTED = /\/\*cf<\*\/[^]*?(?:\/\*>cf\*\/|$)/g;

/** The number of a function's arguments that are examined. */
const EXAMINED = 6;

/** Removes what `compile` has inserted. A text may end inside of that: an arrow function's body is closed there. */
function restore(text) {
  return text.includes(OPEN) ? text.replace(INSERTED, '') : text;
}

/** Orders the places of a file. */
const orderOf = ({ line, column }) => line * 10_000_000 + column;

class Compiler {
  sites = [];
  /** The functions, with their places in the source: an outer one comes before those inside it. */
  functions = [];
  /** By place: what ends there, the innermost first, and what begins there, the outermost first. */
  #edits = new Map();
  #source;
  #first;
  #offset;
  #variables = 0;
  #depth = 0;
  /** For each function around the current node: the variables of its generator's owner and of its mark. */
  #calls = [{}];

  constructor(source, { first, lineOffset }) {
    this.#source = source;
    this.#first = first;
    this.#offset = lineOffset;
  }

  finish() {
    let code = '';
    let last = 0;
    for (const [at, { ends, begins }] of [...this.#edits].sort(([one], [other]) => one - other)) {
      code += this.#source.slice(last, at) + ends + begins;
      last = at;
    }
    return code + this.#source.slice(last);
  }

  #editAt(at) {
    if (!this.#edits.has(at)) this.#edits.set(at, { ends: '', begins: '' });
    return this.#edits.get(at);
  }

  #begin(at, text) {
    this.#editAt(at).begins += OPEN + text + CLOSE;
  }

  #end(at, text) {
    const edit = this.#editAt(at);
    edit.ends = OPEN + text + CLOSE + edit.ends;
  }

  #wrap(node, before, after) {
    this.#begin(node.start, before);
    this.#end(node.end, after);
  }

  #variable() {
    return `__cf${++this.#variables}`;
  }

  /** Numbers a place; a function is passed to the API that its call has noted. */
  #site({ loc, api: noted }, api = noted) {
    const { line, column } = loc.start;
    return this.#first + this.sites.push({ line: line + this.#offset, column: column + 1, api }) - 1;
  }

  #textOf(node) {
    const text = this.#source.slice(node.start, node.end).replace(/\s+/g, ' ').replace(OF_VITE, '');
    return text.length > 60 ? `…${text.slice(-57)}` : text;
  }

  visit(node, parent) {
    const { owner, mark } = this.#calls.at(-1);
    switch (node.type) {
      case 'ParenthesizedExpression':
        return this.visit(node.expression, parent);
      case 'AssignmentExpression':
        if (node.left.type === 'MemberExpression') this.#note([node.right], `${this.#textOf(node.left)} =`);
        break;
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
      case 'FunctionDeclaration':
        return this.#function(node, parent);
      case 'CallExpression':
      case 'NewExpression':
        this.#call(node);
        break;
      case 'ObjectExpression':
        this.#object(node);
        break;
      case 'YieldExpression':
        if (owner) this.#wrap(node, `${GLOBAL}.resumed(${owner}, (`, '))');
        break;
      case 'AwaitExpression':
        if (mark) this.#wrap(node, `${GLOBAL}.back(${mark}, (`, '))');
        break;
      case 'ForOfStatement':
        if (node.await && mark && node.body.type === 'BlockStatement')
          this.#begin(node.body.start + 1, `;${GLOBAL}.back(${mark});`);
        break;
      case 'BlockStatement':
      case 'Program':
      case 'StaticBlock':
        this.#declare(node);
        break;
      default:
    }
    for (const child of childrenOf(node)) this.visit(child, node);
  }

  #call(node) {
    const callee = bare(node.callee);
    const api = `${node.type === 'NewExpression' ? 'new ' : ''}${this.#textOf(callee)}`;
    if (isFunction(callee)) callee.isCalled = true;
    if (callee.type === 'Super' || isFunction(callee) || HARMLESS.test(api)) return;
    const method = callee.type === 'MemberExpression' && !callee.computed ? callee.property.name : undefined;
    const receiver = OF_COLLECTIONS.test(method) ? this.#receiverOf(bare(callee.object), method) : undefined;
    for (const each of node.arguments) this.#passed(each, api, receiver);
  }

  /** By what `pass` sees whether a collection is called: a variable, since other expressions may do something. */
  #receiverOf(object, method) {
    if (object.type === 'Identifier') return object.name;
    return OF_QUEUES.test(method) ? undefined : 'null';
  }

  /** Notes what functions are passed to. */
  #note(nodes, api) {
    for (const each of nodes) if (each && isFunction(bare(each))) bare(each).api = api;
  }

  #passed(node, api, receiver, name = '') {
    const value = bare(node);
    this.#note(value.elements ?? [value], api);
    if (value.type === 'ObjectExpression') {
      for (const each of value.properties) {
        if (each.type !== 'Property' || each.kind !== 'init' || each.computed) continue;
        const key = String(each.key.name ?? each.key.value);
        if (each.method) value.api = api;
        else this.#passed(each.value, `${api} { ${key} }`, undefined, each.shorthand ? `${key}: ` : '');
      }
    }
    if (!MAY_PASS.test(value.type)) return;
    const site = this.#site(node, api);
    this.#wrap(node, `${name}${GLOBAL}.pass(${site}, (`, receiver === undefined ? '))' : `), ${receiver})`);
  }

  #function(node, parent) {
    const isMethod =
      parent.value === node && (parent.type === 'MethodDefinition' || parent.method || /^[gs]et$/.test(parent.kind));
    const { site = this.#site(node), owner } = node.known ?? {};
    if (isMethod || node.type === 'FunctionDeclaration')
      return this.#inside(node, site, parent.kind === 'constructor' ? undefined : (owner ?? site));
    // The name that comes from a computed key is not known here, so the function must stay where it is.
    if (node.isCalled || (parent.computed && parent.value === node)) return this.#inside(node, site, site);
    // A name that comes from the place of a function is kept by another such place.
    const key = node.id ? undefined : JSON.stringify(inferredName(node, parent));
    const [begin, end] = key === undefined ? ['(', ')'] : [`({ [${key}]: `, ` })[${key}]`];
    if (this.#depth === 0) {
      // It belongs to the program, even if a request loads the file.
      this.#wrap(node, `${GLOBAL}.program(${site}, ${begin}`, `${end})`);
      return this.#inside(node, site, site);
    }
    const variable = this.#variable();
    this.#wrap(node, `((${variable}) => ${GLOBAL}.made(${variable}, ${begin}`, `${end}))(${GLOBAL}.owner(${site}))`);
    return this.#inside(node, site, variable);
  }

  /** The methods of an object literal belong to the context in which it was evaluated. */
  #object(node) {
    const methods = node.properties.filter((each) => each.method || (each.kind && each.kind !== 'init'));
    if (methods.length === 0 || this.#depth === 0 || hasInside(node, /^(Await|Yield)Expression$/)) return;
    const [site, owner] = [this.#site(node), this.#variable()];
    this.#wrap(node, `((${owner}) => (`, `))(${GLOBAL}.owner(${site}))`);
    for (const each of methods) each.value.known = { site, owner };
  }

  /** Function declarations of a block: their owner is known where the block begins. */
  #declare(block) {
    const inner = block.body.map((each) => (/^Export/.test(each.type) ? each.declaration : each));
    const found = inner.filter((each) => each?.type === 'FunctionDeclaration' && each.id);
    if (found.length === 0) return;
    const parts = found.map((each) => {
      const site = this.#site(each);
      const owner = this.#depth === 0 ? undefined : this.#variable();
      each.known = { site, owner };
      return owner ? `${owner} = ${GLOBAL}.declared(${site}, ${each.id.name})` : `${GLOBAL}.program(${site}, ${each.id.name})`;
    });
    this.#begin(startOf(block), `;${this.#depth === 0 ? '' : 'const '}${parts.join(', ')};`);
  }

  /** A function's parameters and body. `owner` is a variable, or the place of a function of the program; undefined for no probe. */
  #inside(node, site, owner) {
    this.functions.push({ start: orderOf(node.loc.start), end: orderOf(node.loc.end), site });
    const names = node.params.flatMap(namesOf);
    const call = this.#ownerOfCall(node, site, names);
    const mark = node.async && hasInside(node.body, /^AwaitExpression$|^ForOfStatement$/) ? this.#variable() : undefined;
    if (owner !== undefined) this.#probe(node, [owner, ...names.slice(0, EXAMINED)], mark);
    this.#depth++;
    this.#calls.push({ owner: call ?? (node.generator && !node.async && typeof owner === 'string' ? owner : undefined), mark });
    for (const each of node.params) this.visit(each, node);
    this.visit(node.body, node);
    this.#calls.pop();
    this.#depth--;
  }

  #probe(node, args, mark) {
    const probe = `${GLOBAL}.${mark ? 'enterAsync' : 'enter'}(${args.join(', ')})`;
    if (node.body.type === 'BlockStatement') this.#begin(startOf(node.body), `;${mark ? `const ${mark} = ` : ''}${probe};`);
    else if (mark) this.#wrap(node.body, `{ const ${mark} = ${probe}; return (`, '); }');
    else this.#wrap(node.body, `(${probe}, `, ')');
  }

  /** A generator belongs to its caller, and runs when somebody asks for a value: a last parameter is evaluated at the call. */
  #ownerOfCall(node, site, names) {
    const { body, params } = node;
    // A last parameter with a default forbids these.
    const isRefused = params.at(-1)?.type === 'RestElement' || body.body?.[0]?.directive || new Set(names).size < names.length;
    if (!node.generator || isRefused || /\barguments\b/.test(this.#source.slice(node.start, node.end))) return undefined;
    const variable = this.#variable();
    const at = params.at(-1)?.end ?? this.#source.indexOf('(', node.id?.end ?? node.start) + 1;
    this.#end(at, `${params.length > 0 ? ', ' : ''}${variable} = ${GLOBAL}.owner(${site})`);
    this.#begin(body.start + 1, `;${GLOBAL}.resumed(${variable});`);
    return variable;
  }
}

/**
 * @param {string} source
 * @param {{ isModule: boolean, first: number, lineOffset?: number }} options `first`: the number of the first place
 * @returns {{ code: string, sites: object[], functions: object[] }} `functions`: the number of each one's place, and where it is
 */
function compile(source, { isModule, first, lineOffset = 0 }) {
  const compiler = new Compiler(source, { first, lineOffset });
  compiler.visit(parse(source, isModule));
  return { code: compiler.finish(), sites: compiler.sites, functions: compiler.functions };
}

module.exports = { GLOBAL, compile, orderOf, restore };
