'use strict';

/** Programs of the catalogue, see index.js: emitters, and what is built on them. */
module.exports = {
  'an emitter without a listener, if it was created in the domain': `
    const d = got('d');
    const emitter = d.run(() => new EventEmitter());
    log(emitter.domain === d, d.members.length);
    log(emitter.emit('error', new Error('emitted')));
    log('goes on');
  `,
  'the listeners of an emitter that was created in the domain': `
    const d = got('d');
    const emitter = d.run(() => new EventEmitter());
    emitter.on('event', (value) => { log('event', value); throw new Error('in a listener'); });
    setImmediate(() => emitter.emit('event', 1));
  `,
  'an emitter with a listener for its errors': `
    const emitter = got('d').run(() => new EventEmitter());
    emitter.on('error', (error) => log('listener', error.message, error.domainThrown, error.domain));
    log(emitter.emit('error', new Error('emitted')));
  `,
  'an emitter that emits no error at all': `
    const d = domain.create();
    const emitter = d.run(() => new EventEmitter());
    d.on('error', (error) => log(error.message, error.code, error.domainEmitter === emitter));
    emitter.emit('error');
    emitter.emit('error', null);
    emitter.emit('error', 0);
  `,
  'an emitter that emits a string as error': `
    const d = domain.create();
    d.on('error', (error) => log('d', error));
    d.run(() => new EventEmitter()).emit('error', 'text');
  `,
  'emitted errors in the domain': `
    const d = got('d');
    d.run(() => {
      log(new EventEmitter().emit('error', new Error('emitted')));
      log('goes on inside');
    });
    log('goes on');
  `,
  'an emitter whose domain has no listener': `
    const emitter = domain.create().run(() => new EventEmitter());
    try {
      emitter.emit('error', new Error('emitted'));
    } catch (error) {
      log('caught', error.message, error.domainThrown, error.domainEmitter === emitter);
    }
    emitter.emit('error', new Error('nobody has it'));
  `,
  'an emitter in a domain without a listener, inside another one': `
    got('outer').run(() => domain.create().run(() => new EventEmitter().emit('error', new Error('emitted'))));
  `,
  'a class of emitters with a domain of its own kind': `
    class Mail extends EventEmitter {}
    const d = got('d');
    const mail = d.run(() => new Mail());
    log(mail.domain === d);
    mail.on('sent', () => log('sent'));
    mail.emit('sent');
    mail.emit('error', new Error('not sent'));
  `,
  'streams in a domain': `
    const { PassThrough } = require('stream');
    const d = got('d');
    d.run(() => {
      const stream = new PassThrough();
      stream.on('data', (data) => {
        log(String(data));
        setImmediate(() => new PassThrough().destroy(new Error('destroyed')));
        throw new Error('in data');
      });
      setImmediate(() => stream.write('data'));
    });
  `,
  'a socket that cannot connect': `
    const net = require('net');
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => {
        const d = domain.create();
        d.on('error', (error) => log('d', error.code, error.domainEmitter.constructor.name, error.domainThrown));
        d.run(() => net.connect(port, '127.0.0.1'));
      });
    });
  `,
  'requests of an HTTP server, each in its domain': `
    const http = require('http');
    const server = http.createServer((request, response) => {
      const d = domain.create();
      d.on('error', (error) => {
        log(error.message, error.domainThrown);
        response.statusCode = 500;
        response.end(error.message);
      });
      d.add(request);
      d.add(response);
      d.run(() => {
        if (request.url === '/sync') throw new Error('sync');
        if (request.url === '/timer') setTimeout(() => { throw new Error('timer'); }, 1);
        if (request.url === '/body') request.on('end', () => { throw new Error('end'); }).resume();
        if (request.url === '/emit') setImmediate(() => request.emit('error', new Error('emitted')));
      });
    }).listen(0, '127.0.0.1', async () => {
      const { port } = server.address();
      const agent = new http.Agent({ keepAlive: true });
      for (const path of ['/sync', '/timer', '/body', '/emit', '/sync', '/timer']) {
        await new Promise((resolve) => {
          const request = http.request({ agent, port, path, host: '127.0.0.1', method: 'POST' }, (response) => {
            response.on('data', (data) => log('body', String(data), response.statusCode)).on('end', resolve);
          });
          request.end('body');
        });
      }
      agent.destroy();
      server.close();
    });
  `,
  'an HTTP server in a domain': `
    const http = require('http');
    const d = got('d');
    d.run(() => {
      const server = http.createServer((request, response) => {
        log('request');
        response.end();
        server.close();
        throw new Error('in the listener');
      }).listen(0, '127.0.0.1', () => {
        log('listening');
        http.get({ port: server.address().port, host: '127.0.0.1', agent: false }, (response) => {
          log('response');
          response.resume().on('end', () => { log('end'); throw new Error('at the end'); });
        });
      });
    });
  `,
  'a child process in a domain': `
    const { execFile } = require('child_process');
    got('d').run(() => {
      execFile(process.execPath, ['-e', ''], () => {
        execFile('does-not-exist', () => { throw new Error('not started'); });
        throw new Error('exited');
      });
    });
  `,
};
