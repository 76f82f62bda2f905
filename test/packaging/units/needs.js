'use strict';

const { dependencies } = require('./package.json');

/** Whether a program in the docs uses a package that is installed for the tests in this folder alone. */
const needsUnits = (program) => Object.keys(dependencies).some((name) => program.includes(`require('${name}')`));

module.exports = { needsUnits };
