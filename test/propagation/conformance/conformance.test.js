'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { testThemes } = require('./themes');

/** After an error of a tick that nobody catches, Node.js 24 keeps the frame: connections that are accepted later have its store. */
const ALONE = 'failures';

/** In conformance.long.test.js: they start dozens of processes. */
const LONG = 'processes';

const themes = fs.readdirSync(path.join(__dirname, 'cases')).map((file) => path.basename(file, '.js'));

describe('contexts are carried as AsyncLocalStorage is', () => {
  testThemes(themes.filter((theme) => ![ALONE, LONG].includes(theme)));
  testThemes([ALONE]);
});
