'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { testThemes } = require('./themes');

const themes = fs.readdirSync(path.join(__dirname, 'cases')).map((file) => path.basename(file, '.js'));

describe('contexts are carried as AsyncLocalStorage is', () => {
  // In conformance.long.test.js: they start dozens of processes.
  testThemes(themes.filter((theme) => theme !== 'processes'));
});
