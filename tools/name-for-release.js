'use strict';

/**
 * `node tools/name-for-release.js`, for the release workflow: writes the workflow's repository into package.json, because npm accepts
 * no provenance without it, and a name in the scope of the repository's owner, because `context` on npm is another package. Reads
 * GITHUB_SERVER_URL and GITHUB_REPOSITORY (`owner/name`). If they are invalid, changes nothing and exits with code 2.
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
  // npm requires exactly the address that the workflow attests. Names have no capital letters.
  manifest.repository = { type: 'git', url: `git+${server}/${repository}.git` };
  manifest.name = `@${repository.toLowerCase()}`;
  fs.writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  console.log(`${manifest.name}, of ${manifest.repository.url}`);
}

main(process.env);
