'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { inTemporaryFolder, run } = require('./run');

const MOCHA = path.join('node_modules', 'mocha', 'bin', 'mocha.js');

/**
 * Runs mocha.
 * @param {string} node the path of a Node.js
 * @param {string[]} args for mocha
 * @param {{ cwd?: string, env?: object, flags?: string[] }} [options] `flags` are for Node.js
 * @returns {Promise<{ passing: number, failures: { title: string, about: string }[], duration: string }>} a failure of mocha
 *   itself is one of the failures
 */
function runMocha(node, args, { flags = [], ...options } = {}) {
  return inTemporaryFolder(async (folder) => {
    const file = path.join(folder, 'report.json');
    const reporter = ['--reporter', 'json', '--reporter-option', `output=${file}`];
    const start = performance.now();
    const { code, output } = await run(node, [...flags, MOCHA, ...reporter, ...args], options);
    const duration = `${Math.round((performance.now() - start) / 1000)} s`;
    const report = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : { stats: { passes: 0 }, failures: [] };
    const failures = report.failures.map(({ fullTitle, err }) => ({ title: fullTitle, about: err.stack ?? err.message }));
    if (code !== 0 && failures.length === 0) failures.push({ title: 'mocha', about: `It ended with ${code}.\n${output}` });
    return { passing: report.stats.passes, failures, duration };
  });
}

module.exports = { runMocha };
