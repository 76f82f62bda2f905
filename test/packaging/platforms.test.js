'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { complaintsAbout } = require('../../tools/cross/compile');
const { hostImports } = require('../../tools/cross/host-imports');
const { inspect } = require('../../tools/cross/inspect');
const { TARGETS } = require('../../tools/cross/targets');
const { binary } = require('../support/copy');

const good = {
  linux: {
    libraries: ['libc.so.6', 'libpthread.so.0'],
    exported: ['napi_register_module_v1'],
    versions: ['GLIBC_2.2.5', 'GLIBC_2.28'],
  },
  darwin: {
    libraries: ['/usr/lib/libSystem.B.dylib'],
    exported: ['_napi_register_module_v1'],
    system: '11.0',
    signature: 'intact, ad hoc',
  },
  win32: { libraries: ['KERNEL32.dll', 'api-ms-win-crt-runtime-l1-1-0.dll'], exported: ['napi_register_module_v1'] },
};

const BAD = {
  linux: [{ libraries: ['libstdc++.so.6'] }, { exported: [] }, { arch: 'sparc' }, { libc: 'glibc', versions: ['GLIBC_2.29'] }],
  darwin: [{ libraries: ['/usr/lib/libc++.1.dylib'] }, { exported: ['napi_register_module_v1'] }, { system: '13.0' }],
  win32: [{ libraries: ['node.exe'] }, { libraries: ['libc++.dll'] }, { exported: [] }],
};

describe('the binaries for all platforms', () => {
  it('have a name and a place of their own', () => {
    assert.strictEqual(TARGETS.length, 8);
    for (const key of ['name', 'file', 'triple']) assert.strictEqual(new Set(TARGETS.map((each) => each[key])).size, 8, key);
  });

  for (const target of TARGETS) {
    it(`${target.name}: a wrong one is noticed`, () => {
      const found = { arch: target.arch, ...good[target.system] };
      assert.deepStrictEqual(complaintsAbout(target, found), []);
      for (const { libc, ...bad } of BAD[target.system]) {
        const expected = libc === undefined || libc === target.libc ? 1 : 0;
        assert.strictEqual(complaintsAbout(target, { ...found, ...bad }).length, expected, JSON.stringify(bad));
      }
    });
  }

  it('a broken signature is noticed', () => {
    const target = TARGETS.find(({ name }) => name === 'darwin-arm64');
    for (const signature of [undefined, 'broken, ad hoc']) {
      assert.strictEqual(complaintsAbout(target, { arch: 'arm64', ...good.darwin, signature }).length, 1);
    }
  });

  it('are read: the one that is loaded here', () => {
    const found = inspect(fs.readFileSync(binary));
    assert.strictEqual(found.arch, process.arch);
    assert.ok(found.exported.some((name) => /^_?napi_register_module_v1$/.test(name)));
    assert.ok(found.libraries.length > 0);
    if (found.undefined !== undefined) assert.ok(found.undefined.some((name) => /^_?napi_get_cb_info$/.test(name)));
    assert.throws(() => inspect(Buffer.from('#!/bin/sh: no binary')), TypeError);
  });

  it('for Windows looks up what src/ calls', () => {
    const headers = path.join(
      process.env.npm_config_nodedir || path.join(path.dirname(process.execPath), '..'),
      'include',
      'node',
    );
    if (!fs.existsSync(headers)) return; // of a Node.js that came without
    const text = hostImports(headers);
    for (const name of ['napi_create_function', 'node_api_symbol_for', 'uv_prepare_init', 'uv_get_osfhandle']) {
      assert.ok(text.includes(`__imp_${name} = context::HostSymbol("${name}")`), name);
    }
  });
});
