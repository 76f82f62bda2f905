'use strict';

/**
 * What this package is to reach, with the engine that it chooses: by that engine, a figure's highest ratio to that of a
 * peer, or if there is no peer, its highest value. `subject` is given if it is not this package in use.
 */

const HOOKS = 'async-hooks';
const FRAME = 'async-context-frame';
const [BARE, EMPTY, ALS, CLS] = ['bare', 'empty hooks', 'AsyncLocalStorage', 'cls-hooked'];

module.exports = [
  { figure: 'await', count: 1, of: ALS, limits: { [HOOKS]: 1.2 } },
  { figure: 'await', count: 1, of: EMPTY, limits: { [HOOKS]: 1.05 } },
  { figure: 'await', count: 1, of: BARE, limits: { [FRAME]: 1.05 } },
  { figure: 'then', count: 1, of: ALS, limits: { [HOOKS]: 1.15 } },
  { figure: 'then', count: 1, of: EMPTY, limits: { [HOOKS]: 1.03 } },
  { figure: 'then', count: 1, of: BARE, limits: { [FRAME]: 1.1 } },
  { figure: 'nextTick', count: 1, of: ALS, limits: { [HOOKS]: 1.25 } },
  { figure: 'nextTick', count: 1, of: EMPTY, limits: { [HOOKS]: 1.1 } },
  { figure: 'nextTick', count: 1, of: BARE, limits: { [FRAME]: 1.1 } },
  { figure: 'setTimeout', count: 1, of: ALS, limits: { [HOOKS]: 1.3 } },
  { figure: 'setTimeout', count: 1, of: EMPTY, limits: { [HOOKS]: 1.25 } },
  { figure: 'setTimeout', count: 1, of: BARE, limits: { [FRAME]: 1.1 } },
  { figure: 'await', count: 5, of: ALS, limits: { [HOOKS]: 0.5 } },
  { figure: 'await', count: 5, of: BARE, limits: { [FRAME]: 1.05 } },
  { figure: 'nested', count: 10, of: ALS, limits: { [HOOKS]: 1.2, [FRAME]: 0.3 } },
  { figure: 'get', count: 1, of: ALS, limits: { [HOOKS]: 0.5, [FRAME]: 1.1 } },
  { figure: 'unit', count: 1, of: ALS, limits: { [HOOKS]: 1.4, [FRAME]: 1.1 } },
  { figure: 'cpu', count: 3, of: ALS, limits: { [HOOKS]: 0.9, [FRAME]: 1 } },
  { figure: 'cpu', count: 3, of: CLS, limits: { [HOOKS]: 0.35, [FRAME]: 0.2 } },
  { figure: 'await', count: 1, subject: 'loaded', of: BARE, limits: { [HOOKS]: 1, [FRAME]: 1 } },
  { figure: 'then', count: 1, subject: 'loaded', of: BARE, limits: { [HOOKS]: 1, [FRAME]: 1 } },
  { figure: 'cpu', count: 3, subject: 'loaded', of: BARE, limits: { [HOOKS]: 1, [FRAME]: 1 } },
  { figure: 'context', count: 1, limits: { [HOOKS]: 400, [FRAME]: 400 } },
];
