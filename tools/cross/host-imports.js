'use strict';

/**
 * The C++ source by which a binary for Windows finds the functions of Node.js. An import table would name node.exe, and the program may have
 * another name, as in Electron. A call of a function that is declared as imported goes through a pointer `__imp_…`: these are set from
 * what the program exports, before anything else runs. (MSVC has a hook for that, which node-gyp uses; no other linker does.)
 */

const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..', '..');

const textsOf = (folder, names) => names.map((name) => fs.readFileSync(path.join(folder, name), 'utf8')).join('\n');

/** The functions of libuv that files of src/ call. */
function libuvFunctions(isIncluded = () => true) {
  const folder = path.join(root, 'src');
  const text = textsOf(folder, fs.readdirSync(folder).filter(isIncluded));
  return [...new Set([...text.matchAll(/\b(uv_\w+)\(/g)].map(([, name]) => name))];
}

/** @param {string} headers the folder with the headers of Node.js */
function hostImports(headers) {
  const api = textsOf(headers, ['js_native_api.h', 'node_api.h']);
  const declared = [...api.matchAll(/NAPI_CDECL\s+((?:napi|node_api)_\w+)\s*\(/g)].map(([, name]) => name);
  const list = [...new Set([...declared, ...libuvFunctions()])].sort();
  return `#include "host.h"

extern "C" {
${list.map((name) => `void* __imp_${name} = nullptr;`).join('\n')}
}

namespace {

struct Imports {
  Imports() {
${list.map((name) => `    __imp_${name} = context::HostSymbol("${name}");`).join('\n')}
  }
};

const Imports imports;

}  // namespace
`;
}

module.exports = { hostImports, libuvFunctions };
