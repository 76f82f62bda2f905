'use strict';

const { buildNativeScopes } = require('../support/native-scopes');
const { subjectSteps } = require('../support/steps');

describe('an async resource of native code that can get no property', () => {
  let native;

  before(function () {
    this.timeout(120_000);
    native = `const { call, callInContext } = require(${JSON.stringify(buildNativeScopes())});`;
  });

  for (const fixing of ['freeze', 'seal', 'preventExtensions']) {
    it(`may be fixed before it is one, as native code makes them: Object.${fixing}`, () =>
      subjectSteps([
        ...['first default', 'in a a', 'entered y', 'a a', 'without a context default', 'another without a context default'],
        ...['still a a', 'last default', 'started y'],
      ])`${native}
        const resource = () => Object.${fixing}({});
        callInContext(resource(), () => { log('first'); enter('x'); });
        run('a', () => {
          callInContext(resource(), () => { log('in a'); enter('y'); log('entered'); setImmediate(() => log('started')); });
          log('a');
          call(resource(), () => { log('without a context'); enter('z'); });
          call(resource(), () => log('another without a context'));
          log('still a');
        });
        callInContext(resource(), () => log('last'));
      `);
  }

  it('may be a proxy whose traps throw', () =>
    subjectSteps('in a context a | a a | without a context default | still a a | later default')`${native}
      const fail = () => { throw new Error('trap'); };
      // Node.js itself reads from it.
      const traps = { set: fail, has: fail, defineProperty: fail, isExtensible: fail, getOwnPropertyDescriptor: fail, getPrototypeOf: fail };
      const resource = () => new Proxy({}, traps);
      run('a', () => {
        callInContext(resource(), () => { log('in a context'); enter('x'); });
        log('a');
        call(resource(), () => { log('without a context'); enter('y'); });
        log('still a');
      });
      setImmediate(() => log('later'));
    `);
});
