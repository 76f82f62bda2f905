'use strict';

const { ESM, MODULE, MODULES, OWNER } = require('./nodes');

/** Nodes that only V8 names. */
const HIDDEN = new Set(['code', 'hidden', 'array', 'object shape']);

/** Hidden nodes that a program can name. */
const REACTION = 'system / PromiseReaction';
const SHOWN = new Set([REACTION, 'system / JSProxy']);

/** What carries contexts, here and in Node.js: left out right before a context. */
const CARRIERS = new Set(['AsyncContextFrame', 'Frame', 'Snapshot', 'Call', 'ContextCall', 'MultiCall', 'TotalCall', 'Page']);

/** What is left out, by the edge to it: between an emitter and its listeners; the callback of a timer, which describes it. */
const INNER = new Set(['_events', '<symbol kEvents>', '_onTimeout', '_onImmediate']);

/** Links of lists: what holds an entry is the list, and not the entry before. */
const LISTENER = 'Listener';
const LINKS = /^[#_]?(idleNext|idlePrev|next|prev|previous|head|tail)$/;

const TIMERS = new Set(['TimersList', 'ImmediateList']);

/** Roots that say nothing. */
const ROOTS = /^(GC roots|Global handles|Node \/ .*)$/;

const SCOPE = 'system / Context';

const isName = ({ type }) => type === 'property' || type === 'context';

/** The way to a context as steps: each has a node, its name and type, and the edge to it from `owner`. */
function stepsOf(graph, way) {
  return way.map(({ node, edge }, at) => {
    return { node, type: graph.typeOf(node), name: graph.nameOf(node), edge: graph.edge(edge), owner: way[at - 1]?.node ?? 0 };
  });
}

const isShown = ({ type, name }) => SHOWN.has(name) || !(HIDDEN.has(type) || (name.startsWith('system /') && name !== SCOPE));

/** What has variables: a scope, or the exports of a module. */
function scopeOf({ node, name, edge }, previous, nodes) {
  if (name === SCOPE) return { file: nodes.fileOfScope(node), isModule: nodes.isModule(node) };
  const isExports = name === 'Object' && previous?.name === MODULE && edge.name === 'exports';
  return isExports ? { file: nodes.fileOfModule(previous.node), isModule: true } : undefined;
}

/** Leaves out what nobody names. */
function simplify(steps, nodes) {
  const end = steps.length - 1;
  let last = end;
  const isCarrier = (step) => !isShown(step) || (CARRIERS.has(step.name) && !nodes.isOfProgram(step.node));
  while (last > 0 && isCarrier(steps[last - 1])) last--;
  const target = { ...steps[end], edge: last === end ? steps[end].edge : { type: 'hidden', name: '' }, isTarget: true };
  const shown = steps.slice(0, last).filter((step) => isShown(step) && !INNER.has(step.edge.name));
  const left = withoutLinks(shown);
  if (left.at(-1)?.name === 'Promise') left.push({ ...left.pop(), isAwaited: true });
  return [...left, target].map((step, at) => ({ ...step, scope: scopeOf(step, left[at - 1], nodes) }));
}

/** Of successive entries of a list, leaves the last, with the edge to the list. */
function withoutLinks(steps) {
  const left = [];
  for (const step of steps) {
    const { name, edge, owner } = left.at(-1) ?? {};
    const isLink = LINKS.test(step.edge.name) && (step.name === name || step.name === LISTENER);
    const isReaction = step.name === REACTION && name === REACTION;
    if (isLink || isReaction) left[left.length - 1] = { ...step, edge, owner };
    else left.push(step);
  }
  return left;
}

/** The indices of scopes whose next step is one of their variables, and of modules. */
function* variablesIn(steps) {
  for (let at = 0; at < steps.length - 1; at++) {
    const { name, scope } = steps[at];
    const next = steps[at + 1];
    if (name === ESM || (name === MODULE && next.edge.name === 'exports' && next.scope === undefined))
      yield { at, isModule: true };
    if (scope?.file !== undefined && isName(next.edge)) yield { at, ...scope, isLast: at === steps.length - 2 };
  }
}

/** Which step the line begins with: the last variable of a module, an active timer, the first variable, or the root. */
function startOf(steps) {
  const timers = steps.findLastIndex(({ name }) => TIMERS.has(name));
  const variables = [...variablesIn(steps)].filter(({ at }) => at > timers);
  const ofModule = variables.findLast(({ isModule }) => isModule);
  if (ofModule !== undefined) return ofModule.at;
  if (timers !== -1) return timers + 1;
  const inFunctions = variables.filter(({ isLast }) => !isLast);
  return (inFunctions.find(({ file }) => !file.includes(MODULES)) ?? inFunctions[0])?.at ?? 0;
}

/** What a step is called; undefined for nothing. */
function textOf({ node, type, name, isAwaited, isTarget }, nodes) {
  if (isTarget) return 'the context';
  if (type === 'synthetic') return name.replace(/^\d+ \/ /, '').replace(/^\((.*)\)$/, '$1');
  if (isAwaited) return nodes.ofPromise(node);
  if (name === REACTION) return nodes.ofReaction(node);
  return type === 'closure' ? nodes.ofClosure(node) : nodes.ofObject(node);
}

/** The words of a step in the line: after a scope or module, its variable as well. */
function wordsOf(step, previous, nodes) {
  const { edge, owner, isTarget, scope } = step;
  const { file, isModule } = (isName(edge) && previous?.scope) || {};
  const text = textOf(step, nodes);
  if (text === undefined || scope !== undefined || ROOTS.test(text)) return [];
  if (file !== undefined && (!isTarget || isModule)) return [`variable ${edge.name} (${file})`, text];
  const isNamed = previous !== undefined && (previous.scope === undefined || file !== undefined) && isName(edge);
  if (!isNamed || LINKS.test(edge.name) || edge.name === OWNER) return [text];
  return [nodes.isKey(owner, edge.name) ? `[…] ${text}` : `.${edge.name} ${text}`];
}

/** Says in a line what holds a context, to which a way leads from the root. */
function lineOf(graph, nodes, way) {
  const steps = simplify(stepsOf(graph, way), nodes);
  const start = startOf(steps);
  const words = steps.slice(start).flatMap((step, at) => wordsOf(step, at === 0 ? undefined : steps[start + at - 1], nodes));
  if (TIMERS.has(steps[start - 1]?.name)) words.unshift('active timers');
  // Node.js 22 with AsyncContextFrame: V8 sees only that some handle keeps it.
  if (words.length === 1) words.unshift('a handle of Node.js');
  return words.join(' → ');
}

/** The whole way, for those who need more than the line: a text for each node, with the edge to it. */
function chainOf(graph, way) {
  return stepsOf(graph, way).map(({ type, name, edge }) => `${edge.type} ${edge.name} → ${type} ${name}`);
}

module.exports = { chainOf, lineOf };
