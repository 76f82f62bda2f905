'use strict';

/**
 * `npm run build`: builds the addon in a checkout with node-gyp, passing options on, as in `npm run build -- --debug`. The script in
 * package.json must not name node-gyp itself: Yarn would install it for everyone who depends on the package.
 */

const { spawnSync } = require('node:child_process');
const path = require('node:path');

const command = [require.resolve('node-gyp/bin/node-gyp.js'), 'rebuild', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, command, { cwd: path.join(__dirname, '..'), stdio: 'inherit' });
process.exitCode = status ?? 1;
