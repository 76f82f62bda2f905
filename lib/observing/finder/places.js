'use strict';

/** Files and calls: whose they are, and where. */

const path = require('node:path');
const { fileURLToPath } = require('node:url');

const { callSites } = require('../../util/call-sites');
const { root } = require('../../util/bundle');

const INSIDE = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;

/** How many calls of a stack are examined. */
const DEEPEST = 60;

const FINDER = __dirname + path.sep;
const CONTEXT = ['lib', 'bin', 'index.js'].map((name) => path.join(root, name));

/** The kinds of files besides packages, which have their name. */
const [APPLICATION, OWN, FINDERS, NODE, UNKNOWN] = ['application', 'context', 'finder', 'Node.js', 'unknown'].map(Symbol);

/** The name of the function in probes.js that calls a function of the program for a request. */
const STAND_IN = 'standIn';

const toPath = (file) => (file.startsWith('file:') ? fileURLToPath(file) : file);

function createPlaces(included = []) {
  const kinds = new Map();

  function classify(name) {
    if (!name) return UNKNOWN;
    if (name.startsWith('node:') || name.startsWith('internal/')) return NODE;
    const file = toPath(name);
    if (file.startsWith(FINDER)) return FINDERS;
    if (CONTEXT.some((own) => file === own || file.startsWith(own + path.sep))) return OWN;
    const inside = INSIDE.exec(file)?.[1].replace('\\', '/');
    if (inside !== undefined) return included.includes(inside) ? APPLICATION : inside;
    return path.isAbsolute(file) ? APPLICATION : UNKNOWN;
  }

  /** @returns {symbol | string} whose a file is: one of the symbols above, or the name of a package */
  function kindOf(file) {
    if (!kinds.has(file)) kinds.set(file, classify(file));
    return kinds.get(file);
  }

  /** The calls around one, without those of the finder except stand-ins, and without callers that only wait. */
  function stackOf(below, limit = DEEPEST) {
    const isShown = (call) => kindOf(call.getFileName()) !== FINDERS || call.getFunctionName() === STAND_IN;
    return (callSites(limit, below) ?? []).filter((call) => !call.isAsync() && isShown(call));
  }

  return { kindOf, stackOf };
}

const placeOf = (call) => ({
  file: call.getFileName() ?? '',
  line: call.getLineNumber(),
  column: call.getColumnNumber(),
  name: call.getFunctionName() ?? '',
});

/** A path as a reader wants it: from the package, or from the current folder. */
function shorten(file) {
  if (!file || file.startsWith('node:')) return file || 'unknown';
  const plain = toPath(file);
  const at = plain.lastIndexOf(`node_modules${path.sep}`);
  return at >= 0 ? plain.slice(at) : path.relative(process.cwd(), plain) || plain;
}

const show = ({ file, line, column }) => `${shorten(file)}:${line}:${column}`;

module.exports = { ...{ APPLICATION, FINDERS, NODE, OWN, UNKNOWN }, createPlaces, placeOf, shorten, show, toPath };
