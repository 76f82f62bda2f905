'use strict';

/**
 * Compiles a source file of the application: each function reports where it was made and when it runs, and each argument where
 * it was passed. Lines stay as they are; what is inserted stands between two comments, so that it can be removed again.
 */

const { HARMLESS, MAY_PASS, OF_COLLECTIONS, OF_QUEUES, OF_VITE } = require('./syntax');
const { bare, hasInside, inferredName, isFunction, namesOf, parse, startOf } = require('./syntax');

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

class Compiler {
  sites = [];
  /** The functions, with their places in the source: an outer one comes before those inside it. */
  functions = [];
  #edits = [];
  #source;
  #first;
  #offset;
  #variables = 0;
  #depth = 0;
  /** For each function around the current node: the variables of its generator's owner and of its mark. */
  #calls = [{}];
  #declared = new Map();

  constructor(source, { first, lineOffset }) {
    this.#source = source;
    this.#first = first;
    this.#offset = lineOffset;
  }

  /** Applies the edits. At one position, ends come first, the innermost before the others; then beginnings, the outermost first. */
  finish() {
    const edits = this.#edits.map((edit, order) => ({ ...edit, order }));
    edits.sort(
      (a, b) => a.at - b.at || (a.ends !== b.ends ? (a.ends ? -1 : 1) : a.ends ? b.order - a.order : a.order - b.order),
    );
    let code = '';
    let last = 0;
    for (const { at, text } of edits) {
      code += `${this.#source.slice(last, at)}${OPEN}${text}${CLOSE}`;
      last = at;
    }
    return code + this.#source.slice(last);
  }

  #begin(at, text) {
    this.#edits.push({ at, text, ends: false });
  }

  #end(at, text) {
    this.#edits.push({ at, text, ends: true });
  }

  #variable() {
    return `__cf${++this.#variables}`;
  }

  /** Numbers a place. */
  #site(node, details) {
    const { line, column } = node.loc.start;
    return this.#first + this.sites.push({ line: line + this.#offset, column: column + 1, ...details }) - 1;
  }

  #textOf(node) {
    const text = this.#source.slice(node.start, node.end).replace(/\s+/g, ' ').replace(OF_VITE, '');
    return text.length > 60 ? `…${text.slice(-57)}` : text;
  }

  visit(node, parent) {
    switch (node.type) {
      case 'CallExpression':
      case 'NewExpression':
        this.#call(node);
        break;
      case 'ParenthesizedExpression':
        return this.visit(node.expression, parent);
      case 'AssignmentExpression':
        if (node.left.type === 'MemberExpression' && isFunction(bare(node.right))) {
          bare(node.right).api = `${this.#textOf(node.left)} =`;
        }
        break;
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return this.#function(node, parent);
      case 'FunctionDeclaration':
        return this.#declaration(node);
      case 'ObjectExpression':
        this.#object(node);
        break;
      case 'YieldExpression':
        this.#resume(node, 'resumed', this.#calls.at(-1).owner);
        break;
      case 'AwaitExpression':
        this.#resume(node, 'back', this.#calls.at(-1).mark);
        break;
      case 'ForOfStatement':
        if (node.await && this.#calls.at(-1).mark && node.body.type === 'BlockStatement') {
          this.#begin(node.body.start + 1, `;${GLOBAL}.back(${this.#calls.at(-1).mark});`);
        }
        break;
      case 'BlockStatement':
      case 'Program':
      case 'StaticBlock':
        this.#declare(node);
        break;
      default:
    }
    return this.#children(node);
  }

  #children(node) {
    for (const key of Object.keys(node)) {
      if (key === 'loc') continue;
      const value = node[key];
      if (Array.isArray(value)) for (const each of value) each?.type !== undefined && this.visit(each, node);
      else if (typeof value?.type === 'string') this.visit(value, node);
    }
  }

  /** Code after `await` or `yield`. */
  #resume(node, probe, variable) {
    if (variable === undefined) return;
    this.#begin(node.start, `${GLOBAL}.${probe}(${variable}, (`);
    this.#end(node.end, '))');
  }

  #call(node) {
    const callee = bare(node.callee);
    const text = this.#textOf(callee);
    const api = node.type === 'NewExpression' ? `new ${text}` : text;
    if (isFunction(callee)) callee.isCalled = true;
    if (callee.type === 'Super' || isFunction(callee) || HARMLESS.test(api)) return;
    const method = callee.type === 'MemberExpression' && !callee.computed ? callee.property.name : undefined;
    const receiver = OF_COLLECTIONS.test(method) ? this.#receiverOf(bare(callee.object), method) : undefined;
    for (const each of node.arguments) this.#passed(each, api, receiver);
  }

  /** What `pass` gets to see whether a collection is called: a variable, since anything else may do something when it is evaluated. */
  #receiverOf(object, method) {
    if (object.type === 'Identifier') return object.name;
    return OF_QUEUES.test(method) ? undefined : 'null';
  }

  #passed(node, api, receiver, name = '') {
    const value = bare(node);
    if (isFunction(value)) value.api = api;
    if (value.type === 'ObjectExpression') {
      for (const each of value.properties) {
        if (each.type !== 'Property' || each.kind !== 'init' || each.computed) continue;
        const key = String(each.key.name ?? each.key.value);
        if (each.method) value.api = api;
        else this.#passed(each.value, `${api} { ${key} }`, undefined, each.shorthand ? `${key}: ` : '');
      }
    } else if (value.type === 'ArrayExpression') {
      for (const each of value.elements) if (each !== null && isFunction(bare(each))) bare(each).api = api;
    }
    if (!MAY_PASS.test(value.type)) return;
    this.#begin(node.start, `${name}${GLOBAL}.pass(${this.#site(node, { api })}, (`);
    this.#end(node.end, receiver === undefined ? '))' : `), ${receiver})`);
  }

  #siteOf(node, name) {
    return this.#site(node, { name, api: node.api });
  }

  #function(node, parent) {
    const isMethod = parent.type === 'MethodDefinition' || parent.method || parent.kind === 'get' || parent.kind === 'set';
    if (isMethod) return this.#method(node, parent);
    const name = node.id?.name ?? inferredName(node, parent);
    const site = this.#siteOf(node, name);
    // The name that comes from a computed key is not known here, so the function must stay where it is.
    if (node.isCalled || (parent.computed && parent.value === node)) return this.#inside(node, site, site);
    // A name that comes from the place of a function is kept by another such place.
    const key = node.id === null || node.id === undefined ? name : undefined;
    const [begin, end] = key === undefined ? ['(', ')'] : [`({ [${JSON.stringify(key)}]: `, ` })[${JSON.stringify(key)}]`];
    if (this.#depth === 0) {
      // It belongs to the program, even if a request loads the file.
      this.#begin(node.start, `${GLOBAL}.program(${site}, ${begin}`);
      this.#end(node.end, `${end})`);
      return this.#inside(node, site, site);
    }
    const owner = this.#variable();
    this.#begin(node.start, `((${owner}) => ${GLOBAL}.made(${owner}, ${begin}`);
    this.#end(node.end, `${end}))(${GLOBAL}.owner(${site}))`);
    return this.#inside(node, site, owner);
  }

  #method(node, parent) {
    const { site, owner } = parent.literal ?? {};
    const own = site ?? this.#siteOf(node, parent.key.name);
    return this.#inside(node, own, parent.kind === 'constructor' ? undefined : (owner ?? own));
  }

  #declaration(node) {
    const { site, owner } = this.#declared.get(node) ?? {};
    const own = site ?? this.#siteOf(node, node.id?.name);
    return this.#inside(node, own, owner ?? own);
  }

  /** The methods of an object literal belong to the context in which it was evaluated. */
  #object(node) {
    const methods = node.properties.filter((each) => each.method || (each.kind && each.kind !== 'init'));
    if (methods.length === 0 || this.#depth === 0 || hasInside(node, /^(Await|Yield)Expression$/)) return;
    const [site, owner] = [this.#siteOf(node, undefined), this.#variable()];
    this.#begin(node.start, `((${owner}) => (`);
    this.#end(node.end, `))(${GLOBAL}.owner(${site}))`);
    for (const each of methods) each.literal = { site, owner };
  }

  /** Function declarations of a block: their owner is known where the block begins. */
  #declare(block) {
    const inner = block.body.map((each) => (/^Export/.test(each.type) ? each.declaration : each));
    const found = inner.filter((each) => each?.type === 'FunctionDeclaration' && each.id);
    if (found.length === 0) return;
    const isProgram = this.#depth === 0;
    const parts = found.map((each) => {
      const site = this.#siteOf(each, each.id.name);
      const owner = isProgram ? undefined : this.#variable();
      this.#declared.set(each, { site, owner });
      if (isProgram) return `${GLOBAL}.program(${site}, ${each.id.name})`;
      return `${owner} = ${GLOBAL}.declared(${site}, ${each.id.name})`;
    });
    this.#begin(startOf(block), isProgram ? `;${parts.join(', ')};` : `;const ${parts.join(', ')};`);
  }

  /**
   * A function's parameters and body.
   * @param {object} node
   * @param {number} site where it was made
   * @param {string | number | undefined} owner a variable, or the place if it belongs to the program; undefined for no probe
   */
  #inside(node, site, owner) {
    this.functions.push({ ...node.loc, site });
    const call = this.#ownerOfCall(node, site);
    const mark = node.async && hasInside(node.body, /^AwaitExpression$|^ForOfStatement$/) ? this.#variable() : undefined;
    if (owner !== undefined) this.#probe(node, owner, mark);
    this.#depth++;
    this.#calls.push({ owner: call ?? (node.generator && !node.async && typeof owner === 'string' ? owner : undefined), mark });
    for (const each of node.params) this.visit(each, node);
    this.visit(node.body, node);
    this.#calls.pop();
    this.#depth--;
  }

  #probe(node, owner, mark) {
    const names = node.params.flatMap((each) => namesOf(each)).slice(0, EXAMINED);
    const probe = `${GLOBAL}.${mark ? 'enterAsync' : 'enter'}(${[owner, ...names].join(', ')})`;
    if (node.body.type === 'BlockStatement') {
      this.#begin(startOf(node.body), mark ? `;const ${mark} = ${probe};` : `;${probe};`);
      return;
    }
    this.#begin(node.body.start, mark ? `{ const ${mark} = ${probe}; return (` : `(${probe}, `);
    this.#end(node.body.end, mark ? '); }' : ')');
  }

  /** A generator belongs to its caller, and runs when somebody asks for a value: a last parameter is evaluated at the call. */
  #ownerOfCall(node, site) {
    const { body, params } = node;
    const names = params.flatMap(namesOf);
    // A last parameter with a default forbids these.
    const isRefused = params.at(-1)?.type === 'RestElement' || body.body?.[0]?.directive || new Set(names).size < names.length;
    if (!node.generator || isRefused || /\barguments\b/.test(this.#source.slice(node.start, node.end))) return undefined;
    const variable = this.#variable();
    const before = params.length > 0 ? params.at(-1).end : (node.id?.end ?? node.start);
    const at = params.length > 0 ? before : this.#source.indexOf('(', before) + 1;
    this.#end(at, `${params.length > 0 ? ', ' : ''}${variable} = ${GLOBAL}.owner(${site})`);
    this.#begin(body.start + 1, `;${GLOBAL}.resumed(${variable});`);
    return variable;
  }
}

/**
 * @param {string} source
 * @param {{ isModule: boolean, first: number, lineOffset?: number }} options `first`: the number of the first place
 * @returns {{ code: string, sites: object[], functions: object[] }} `functions`: the number of each one's place, and where it is
 * @throws {SyntaxError} if acorn can't parse it
 */
function compile(source, { isModule, first, lineOffset = 0 }) {
  const compiler = new Compiler(source, { first, lineOffset });
  compiler.visit(parse(source, isModule));
  return { code: compiler.finish(), sites: compiler.sites, functions: compiler.functions };
}

module.exports = { GLOBAL, compile, restore };
