'use strict';

/**
 * `node tools/name-for-release.js`, for the release workflow: writes into package.json the repository that the workflow runs in, as npm takes
 * no provenance of a package that does not name it, and a name in the scope of the repository's owner, as another package has
 * the name `context` on the npm registry. Both come from GITHUB_SERVER_URL and GITHUB_REPOSITORY (`owner/name`). The exit code is 2, and
 * nothing has changed, if these are not what they should be.
 */

const fs = require('node:fs');
const path = require('node:path');

const file = path.join(__dirname, '..', 'package.json');

function main({ GITHUB_SERVER_URL: server = '', GITHUB_REPOSITORY: repository = '' }) {
  if (!/^https:\/\/[^/]+$/.test(server) || !/^[\w-]+\/[\w-][\w.-]*$/.test(repository)) {
    console.error(
      'name-for-release.js: GITHUB_SERVER_URL must be the address of a server, https://host, and GITHUB_REPOSITORY owner/name; they are ' +
        `'${server}' and '${repository}'. GitHub sets them in a workflow.`,
    );
    process.exitCode = 2;
    return;
  }
  const manifest = JSON.parse(fs.readFileSync(file, 'utf8'));
  // npm compares the address with the one that the workflow vouches for, to the letter. Names have no capital letters.
  manifest.repository = { type: 'git', url: `git+${server}/${repository}.git` };
  manifest.name = `@${repository.toLowerCase()}`;
  fs.writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  console.log(`${manifest.name}, of ${manifest.repository.url}`);
}

main(process.env);
