'use strict';

/** What a binary needs and has, read from its headers: ELF (Linux), Mach-O (macOS) and PE (Windows), each of 64 bits, little-endian. */

const { createHash } = require('node:crypto');

/** A text that ends with a zero byte. */
const textAt = (bytes, at) => bytes.toString('latin1', at, bytes.indexOf(0, at));

const u64 = (bytes, at) => Number(bytes.readBigUInt64LE(at));

const unique = (list) => [...new Set(list)].sort();

const ELF_CPUS = { 62: 'x64', 183: 'arm64' };

/** The symbols of a dynamic symbol table, with the versions that they need. */
function elfSymbols(bytes, section) {
  const [symbols, strings, versions] = [section(11), section(3), section(0x6fffffff)];
  const needs = section(0x6ffffffe);
  const names = new Map();
  for (let at = needs?.begin, next = 1; next && needs; at += next) {
    const library = bytes.readUInt16LE(at + 2);
    for (let n = 0, each = at + bytes.readUInt32LE(at + 8); n < library; n++, each += bytes.readUInt32LE(each + 12)) {
      names.set(bytes.readUInt16LE(each + 6), textAt(bytes, strings.begin + bytes.readUInt32LE(each + 8)));
    }
    next = bytes.readUInt32LE(at + 12);
  }
  return Array.from({ length: symbols.size / 24 }, (_, n) => {
    const at = symbols.begin + n * 24;
    return {
      name: textAt(bytes, strings.begin + bytes.readUInt32LE(at)),
      isGlobal: bytes[at + 4] >> 4 !== 0,
      isUndefined: bytes.readUInt16LE(at + 6) === 0,
      version: versions && names.get(bytes.readUInt16LE(versions.begin + n * 2)),
    };
  }).filter(({ isGlobal, name }) => isGlobal && name !== '');
}

function inspectElf(bytes) {
  const [table, size, count] = [u64(bytes, 40), bytes.readUInt16LE(58), bytes.readUInt16LE(60)];
  const sections = Array.from({ length: count }, (_, n) => table + n * size).map((at) => ({
    type: bytes.readUInt32LE(at + 4),
    begin: u64(bytes, at + 24),
    size: u64(bytes, at + 32),
  }));
  // The first string table is that of the dynamic symbols.
  const section = (type) => sections.find((each) => each.type === type);
  const symbols = elfSymbols(bytes, section);
  const dynamic = section(6);
  const entries = Array.from({ length: dynamic.size / 16 }, (_, n) => dynamic.begin + n * 16);
  const needed = entries.filter((at) => u64(bytes, at) === 1);
  return {
    format: 'ELF',
    arch: ELF_CPUS[bytes.readUInt16LE(18)],
    libraries: needed.map((at) => textAt(bytes, section(3).begin + u64(bytes, at + 8))).sort(),
    exported: unique(symbols.filter((each) => !each.isUndefined).map(({ name }) => name)),
    undefined: unique(symbols.filter((each) => each.isUndefined).map(({ name }) => name)),
    versions: unique(symbols.map(({ version }) => version).filter(Boolean)),
  };
}

const MACH_CPUS = { 0x01000007: 'x64', 0x0100000c: 'arm64' };
const LOAD = { symbols: 0x2, dylib: 0xc, id: 0xd, signature: 0x1d, info: 0x80000022, exports: 0x80000033, build: 0x32 };

/** The names in an export trie. */
function trieNames(bytes, begin) {
  const names = [];
  const number = (at) => {
    let value = 0;
    for (let shift = 0; ; shift += 7, at++) {
      value += (bytes[at] & 0x7f) * 2 ** shift;
      if (bytes[at] < 0x80) return [value, at + 1];
    }
  };
  const rest = [[begin, '']];
  while (rest.length > 0) {
    const [node, prefix] = rest.pop();
    const [size, content] = number(node);
    if (size > 0) names.push(prefix);
    let at = content + size;
    for (let children = bytes[at++]; children > 0; children--) {
      const label = textAt(bytes, at);
      const [child, next] = number(at + label.length + 1);
      rest.push([begin + child, prefix + label]);
      at = next;
    }
  }
  return names;
}

/** Whether a signature's hashes are those of the pages. It names nobody: `ad hoc`. */
function signatureOf(bytes, begin) {
  const blobs = Array.from({ length: bytes.readUInt32BE(begin + 8) }, (_, n) => begin + bytes.readUInt32BE(begin + 16 + n * 8));
  const code = blobs.find((at) => bytes.readUInt32BE(at) === 0xfade0c02);
  const [flags, hashes, , , count, limit] = [12, 16, 20, 24, 28, 32].map((at) => bytes.readUInt32BE(code + at));
  const page = 2 ** bytes[code + 39];
  const isRight = (n) => {
    const content = bytes.subarray(n * page, Math.min((n + 1) * page, limit));
    const at = code + hashes + n * 32;
    return createHash('sha256')
      .update(content)
      .digest()
      .equals(bytes.subarray(at, at + 32));
  };
  const isIntact = limit === begin && Array.from({ length: count }, (_, n) => n).every(isRight);
  return `${isIntact ? 'intact' : 'broken'}${flags & 2 ? ', ad hoc' : ''}`;
}

function inspectMach(bytes) {
  const commands = [];
  for (let n = 0, at = 32; n < bytes.readUInt32LE(16); n++, at += bytes.readUInt32LE(at + 4)) {
    commands.push({ type: bytes.readUInt32LE(at), at });
  }
  const all = (type) => commands.filter((each) => each.type === type).map(({ at }) => at);
  const nameIn = (at) => textAt(bytes, at + bytes.readUInt32LE(at + 8));
  const [table] = all(LOAD.symbols);
  const [first, count, strings] = [8, 12, 16].map((offset) => bytes.readUInt32LE(table + offset));
  const symbols = Array.from({ length: count }, (_, n) => first + n * 16);
  // External, of no section.
  const missing = symbols.filter((at) => (bytes[at + 4] & 0x0f) === 0x01);
  const [trie] = [...all(LOAD.exports).map((at) => at + 8), ...all(LOAD.info).map((at) => at + 40)];
  const [build] = all(LOAD.build);
  const version = build && bytes.readUInt32LE(build + 12);
  const [signature] = all(LOAD.signature);
  return {
    format: 'Mach-O',
    arch: MACH_CPUS[bytes.readUInt32LE(4)],
    id: all(LOAD.id).map(nameIn)[0],
    libraries: all(LOAD.dylib).map(nameIn).sort(),
    exported: unique(trie === undefined ? [] : trieNames(bytes, bytes.readUInt32LE(trie))),
    undefined: unique(missing.map((at) => textAt(bytes, strings + bytes.readUInt32LE(at)))),
    system: version && `${version >> 16}.${(version >> 8) & 0xff}`,
    signature: signature && signatureOf(bytes, bytes.readUInt32LE(signature + 8)),
  };
}

const PE_CPUS = { 0x8664: 'x64', 0xaa64: 'arm64' };

function inspectPe(bytes) {
  const pe = bytes.readUInt32LE(60);
  const optional = pe + 24;
  const table = optional + bytes.readUInt16LE(pe + 20);
  const sections = Array.from({ length: bytes.readUInt16LE(pe + 6) }, (_, n) => table + n * 40);
  const at = (address) => {
    const holds = (each) => {
      const begin = bytes.readUInt32LE(each + 12);
      return address >= begin && address < begin + Math.max(bytes.readUInt32LE(each + 8), bytes.readUInt32LE(each + 16));
    };
    const section = sections.find(holds);
    return address - bytes.readUInt32LE(section + 12) + bytes.readUInt32LE(section + 20);
  };
  const directory = (n) => bytes.readUInt32LE(optional + 112 + n * 8);
  const libraries = [];
  for (let entry = directory(1) && at(directory(1)); entry && bytes.readUInt32LE(entry + 12) !== 0; entry += 20) {
    libraries.push(textAt(bytes, at(bytes.readUInt32LE(entry + 12))));
  }
  const exports = at(directory(0));
  const names = at(bytes.readUInt32LE(exports + 32));
  const exported = Array.from({ length: bytes.readUInt32LE(exports + 24) }, (_, n) =>
    textAt(bytes, at(bytes.readUInt32LE(names + n * 4))),
  );
  return { format: 'PE', arch: PE_CPUS[bytes.readUInt16LE(pe + 4)], libraries: unique(libraries), exported: unique(exported) };
}

/**
 * @param {Buffer} bytes the content of a binary
 * @returns {object} its format, architecture, libraries and symbols; of ELF also the versions of the symbols, of Mach-O the oldest system and
 *   the signature
 */
function inspect(bytes) {
  if (bytes.readUInt32BE(0) === 0x7f454c46) return inspectElf(bytes);
  if (bytes.readUInt32LE(0) === 0xfeedfacf) return inspectMach(bytes);
  if (bytes.toString('latin1', 0, 2) === 'MZ') return inspectPe(bytes);
  throw new TypeError('This is no binary of Linux, macOS or Windows.');
}

module.exports = { inspect };
