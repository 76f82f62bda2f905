import http from 'node:http';

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
    process.exit(3);
  });
}
process.exitCode = 7;
