'use strict';

/** What `compile` needs to know of acorn's trees. */

const { withCode } = require('../../util/errors');

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
    allowHashBang: true,
    allowReturnOutsideFunction: !isModule,
    allowAwaitOutsideFunction: isModule,
    allowImportExportEverywhere: false,
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

/** The names that a parameter binds. */
function namesOf(node) {
  switch (node?.type) {
    case 'Identifier':
      return [node.name];
    case 'ObjectPattern':
      return node.properties.flatMap((each) => namesOf(each.value ?? each.argument));
    case 'ArrayPattern':
      return node.elements.flatMap(namesOf);
    case 'AssignmentPattern':
      return namesOf(node.left);
    case 'RestElement':
      return namesOf(node.argument);
    default:
      return [];
  }
}

/** Whether a node contains one of a type, functions inside it aside. */
function hasInside(node, type) {
  if (type.test(node.type)) return true;
  for (const key of Object.keys(node)) {
    const value = node[key];
    for (const each of Array.isArray(value) ? value : [value]) {
      if (typeof each?.type !== 'string' || isFunction(each) || each.type === 'FunctionDeclaration') continue;
      if (hasInside(each, type)) return true;
    }
  }
  return false;
}

module.exports = { bare, hasInside, isFunction, loadAcorn, namesOf, parse };
