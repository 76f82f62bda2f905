'use strict';

const childProcess = require('node:child_process');
const { promisify } = require('node:util');

const { awaiting, cases, stepIn, stepsAt } = require('../case');

const node = process.execPath;
const ECHO = 'process.stdin.pipe(process.stdout)';
const ECHO_MESSAGES = "process.on('message', (message) => { process.send(message); process.disconnect(); })";

module.exports = cases({
  'child_process.spawn': (step) => {
    const child = childProcess.spawn(node, ['-e', ECHO], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.write('text', () => step('written'));
    child.stdin.end();
    return Promise.all([stepsAt(child.stdout, step, 'data', 'end'), stepsAt(child, step, 'spawn', 'exit', 'close')]);
  },
  'child_process.spawn of what does not exist': (step) => stepsAt(childProcess.spawn('./does-not-exist'), step, 'error'),
  'child_process.exec and execFile': awaiting(async (step) => {
    await stepIn((callback) => childProcess.exec('exit 0', callback), step, 'exec');
    await stepIn((callback) => childProcess.execFile(node, ['-e', ''], callback), step, 'execFile');
    await promisify(childProcess.execFile)(node, ['-e', '']);
  }),
  'child_process: messages': awaiting((step) => {
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc'];
    const child = childProcess.spawn(node, ['-e', ECHO_MESSAGES], { stdio });
    const sent = stepIn((callback) => child.send('text', callback), step, 'sent');
    return Promise.all([sent, stepsAt(child, step, 'message', 'disconnect'), stepsAt(child, step, 'close')]);
  }),
});
