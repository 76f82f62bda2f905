'use strict';

const { testThemes } = require('./themes');

describe('contexts are carried as AsyncLocalStorage is, with child processes', () => testThemes(['processes']));
