'use strict';

const childProcess = require('node:child_process');
const { promisify } = require('node:util');

const { cases } = require('../case');

const node = process.execPath;
const ECHO = 'process.stdin.pipe(process.stdout)';
const ECHO_MESSAGES = "process.on('message', (message) => { process.send(message); process.disconnect(); })";

module.exports = cases({
  'child_process.spawn': (step, { done }) => {
    const child = childProcess.spawn(node, ['-e', ECHO], { stdio: ['pipe', 'pipe', 'inherit'] });
    child
      .on('spawn', () => step('spawn'))
      .on('exit', () => step('exit'))
      .on('close', () => done(step('close')));
    child.stdout.on('data', () => step('data')).on('end', () => step('end'));
    child.stdin.write('text', () => step('written'));
    child.stdin.end();
  },
  'child_process.spawn of what does not exist': (step, { done }) => {
    childProcess.spawn('./does-not-exist').on('error', () => done(step('error')));
  },
  async 'child_process.exec and execFile'(step) {
    await new Promise((resolve) => childProcess.exec('exit 0', () => resolve(step('exec'))));
    await new Promise((resolve) => childProcess.execFile(node, ['-e', ''], () => resolve(step('execFile'))));
    await promisify(childProcess.execFile)(node, ['-e', '']);
    step('awaited');
  },
  async 'child_process: messages'(step) {
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc'];
    const child = childProcess.spawn(node, ['-e', ECHO_MESSAGES], { stdio });
    child.on('message', () => step('message'));
    await Promise.all([
      new Promise((resolve) => child.on('disconnect', () => resolve(step('disconnect')))),
      new Promise((resolve) => child.on('close', () => resolve(step('close')))),
      new Promise((resolve) => child.send('text', () => resolve(step('sent')))),
    ]);
    step('awaited');
  },
});
