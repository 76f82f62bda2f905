'use strict';

/** `run.js <library>` runs the programs of programs.js with one of the libraries, one after another. Prints what they log as JSON. */

const { EventEmitter } = require('node:events');
const { Readable } = require('node:stream');
const { format } = require('node:util');

const programs = require('./programs');

const cls = require(process.argv[2]);
const AsyncFunction = (async () => {}).constructor;

let count = 0;
const newNamespace = () => cls.createNamespace(`namespace ${++count}`);

/** What a call throws: its code or its message; for a TypeError, whose text is another one with each library, its name. */
function caught(call) {
  try {
    call();
  } catch (error) {
    return error instanceof TypeError ? error.name : (error.code ?? error.message);
  }
  return undefined;
}

function toolsFor(lines) {
  const [namespace, emitter, contexts] = [newNamespace(), new EventEmitter(), []];
  namespace.bindEmitter(emitter);

  /** A number for each context, in the order in which they were asked for. */
  const which = (context) => {
    if (!contexts.includes(context)) contexts.push(context);
    return context ? `#${contexts.indexOf(context)}` : context;
  };
  const log = (...args) => lines.push(format(...args));
  return { EventEmitter, Readable, caught, cls, emitter, log, namespace, newNamespace, which };
}

async function main() {
  const outcomes = {};
  for (const [title, program] of Object.entries(programs)) {
    const tools = toolsFor((outcomes[title] = []));
    await new Promise((resolve) => setImmediate(resolve));
    if (typeof program === 'function') await program(tools);
    else await new AsyncFunction(...Object.keys(tools), `'use strict';\n${program}`)(...Object.values(tools));
  }
  console.log(JSON.stringify(outcomes));
}

main();
