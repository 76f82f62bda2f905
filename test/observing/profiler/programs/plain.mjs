import { writeSync } from 'node:fs';
import http from 'node:http';

import { onExit } from 'signal-exit';

import { cheap, dear, sendAndClose } from './requests.js';

const server = http.createServer(async (request, response) => {
  await undefined;
  if (request.url.startsWith('/dear')) dear();
  else cheap();
  response.end('done');
});

server.listen(0, '127.0.0.1', () => sendAndClose(server, server.address().port));

if (process.argv.includes('graceful')) {
  process.on('SIGTERM', () => {
    console.log('graceful');
    if (process.argv.includes('works')) for (let n = 0; n < 10; n++) dear();
    process.exit(3);
  });
}
if (process.argv.includes('signal-exit')) onExit((code, signal) => writeSync(1, `cleaned up ${signal}\n`));
if (process.argv.includes('reload')) {
  process.on('SIGHUP', () => {
    dear();
    console.log('reloaded');
  });
}
process.exitCode = 7;
