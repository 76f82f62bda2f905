'use strict';

/** What `compile` needs to know of acorn's trees. */

const { withCode } = require('../../util/errors');

/** Expressions whose value may be a function, an object, or a key. */
const MAY_PASS =
  /^(Identifier|MemberExpression|CallExpression|ObjectExpression|ArrayExpression|ConditionalExpression|LogicalExpression|ChainExpression|NewExpression|ThisExpression|AwaitExpression|BinaryExpression|TemplateLiteral)$/;

/** Functions of the language and of Node.js that call back in the caller's context, or not at all. */
const HARMLESS =
  /^(require|Number|String|Boolean|Symbol|parseInt|parseFloat|isNaN|setTimeout|setImmediate|setInterval|queueMicrotask|eval|fetch|new (WeakRef|Error|TypeError|RangeError|Date|URL|RegExp)|(Object|JSON|Math|console|Reflect|Promise|Array|Buffer|Symbol|assert)\.\w+|process\.nextTick)$/;

/** Methods that collections have as well, and those that others have for tasks and listeners. Collections compare by identity. */
const OF_COLLECTIONS = /^(add|push|unshift|set|has|get|delete|includes|indexOf|lastIndexOf|concat|splice|fill|resolve)$/;
const OF_QUEUES = /^(add|push|unshift|delete)$/;

/** What Vite writes instead of an imported name. */
const OF_VITE = /__vi(?:te_ssr)?_import_\d+__\.(?:default\.)?/g;

let acorn;

/** @throws {Error} with code ERR_CONTEXT_ACORN if acorn is not installed */
function loadAcorn() {
  try {
    acorn ??= require('acorn');
  } catch (cause) {
    const message = `context/finder needs the package acorn, which can't be loaded (${cause.code}). Install it: npm install --save-dev acorn`;
    throw withCode(new Error(message, { cause }), 'ERR_CONTEXT_ACORN');
  }
}

function parse(source, isModule) {
  loadAcorn();
  return acorn.parse(source, {
    ecmaVersion: 'latest',
    sourceType: isModule ? 'module' : 'script',
    allowReturnOutsideFunction: !isModule,
    locations: true,
    preserveParens: true,
  });
}

const isFunction = ({ type }) => type === 'FunctionExpression' || type === 'ArrowFunctionExpression';

/** An expression without its parentheses. */
function bare(node) {
  let at = node;
  while (at.type === 'ParenthesizedExpression') at = at.expression;
  return at;
}

const childrenOf = (node) =>
  Object.values(node)
    .flat()
    .filter((each) => typeof each?.type === 'string');

/** The names that a parameter binds. */
function namesOf(node) {
  if (node?.type === 'Identifier') return [node.name];
  const { properties, elements, left, value, argument } = node ?? {};
  return (properties ?? elements ?? [left ?? value ?? argument].filter(Boolean)).flatMap(namesOf);
}

/** Whether a node contains one of a type, functions inside it aside. */
function hasInside(node, type) {
  const isPart = (each) => !isFunction(each) && each.type !== 'FunctionDeclaration';
  return type.test(node.type) || childrenOf(node).some((each) => isPart(each) && hasInside(each, type));
}

/** Where the first statement of a block may stand: after the directives. */
function startOf(block) {
  const directives = block.body.filter((each) => each.directive !== undefined);
  if (directives.length > 0) return directives.at(-1).end;
  return block.type === 'BlockStatement' ? block.start + 1 : block.body[0].start;
}

/** The name that a function gets from its place. */
function inferredName(node, parent) {
  const { type } = parent;
  if (type === 'VariableDeclarator' && parent.id.type === 'Identifier') return parent.id.name;
  if (/^Assignment(Expression|Pattern)$/.test(type) && parent.left.type === 'Identifier') return parent.left.name;
  if (type === 'ExportDefaultDeclaration') return 'default';
  if (!/^Property(Definition)?$/.test(type) || parent.computed) return undefined;
  const name = parent.key.name ?? String(parent.key.value);
  return parent.key.type === 'PrivateIdentifier' ? `#${name}` : name;
}

module.exports = {
  ...{ HARMLESS, MAY_PASS, OF_COLLECTIONS, OF_QUEUES, OF_VITE },
  ...{ bare, childrenOf, hasInside, inferredName, isFunction, loadAcorn, namesOf, parse, startOf },
};
