'use strict';

const { shorten } = require('./places');

const at = ({ file, line, column }) => `${shorten(file)}:${line}:${column}`;
const named = (place) => (place.name ? `${place.name} (${at(place)})` : at(place));

const times = (count) => `${count} ${count === 1 ? 'time' : 'times'}`;

/** What keeps the context, for each kind of finding. */
function repairOf(type, place, { bind, snapshot, add }) {
  const where = `at ${shorten(place.file)}:${place.line}`;
  if (type === 'job') return `put ${snapshot} into the job ${where}, and run the work in it`;
  if (type === 'listener' && add) return `${add} before, or ${bind}(listener), ${where}`;
  return `${bind}(${type === 'listener' || type === 'function' ? type : 'callback'}) ${where}`;
}

function textOf({ kind, api, place, found, caller, reader, carrier, repair }) {
  const lines = [
    `${kind}${api ? ` of ${api}` : ''} at ${at(place)}`,
    `  passed in ${found.passedIn}, ran in ${found.ranIn} (${times(found.foreign)} in another request, ${times(found.none)} in none)`,
    `  called by ${found.package}${caller ? ` (${named(caller)})` : ''}`,
  ];
  if (reader) lines.push(`  code in it read the wrong context ${times(found.reads)}, first at ${named(reader)}`);
  else if (found.reads > 0) lines.push(`  code in it read the wrong context ${times(found.reads)}`);
  else lines.push('  no code in it has read a context');
  if (carrier) lines.push(`  ${carrier}`);
  lines.push(`  repair: ${repair}`);
  return lines.join('\n');
}

/** A finding as `findings()` returns it. */
function describe(found, units, repairs) {
  const site = units.siteOf(found.site);
  const { file, line, column } = units.authored(site);
  const place = { file, line, column };
  const [caller, reader] = [found.caller, found.reader].map((each) => each && units.authoredCall(each));
  const repair = repairOf(found.type, place, repairs);
  const { type: kind, package: by, passedIn, ranIn, foreign, none, reads } = found;
  const { api } = site;
  const text = textOf({ kind, api, place, found, caller, reader, carrier: found.carrier, repair });
  return {
    ...{ kind, api, file: shorten(file), line, column, package: by, calledAt: caller && at(caller) },
    ...{ passedIn, ranIn, foreign, none, reads, firstRead: reader && at(reader), repair, text },
  };
}

module.exports = { describe };
