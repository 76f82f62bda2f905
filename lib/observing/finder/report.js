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

/** A finding as a reader wants it. */
function textOf({
  kind,
  api,
  file,
  line,
  column,
  package: by,
  calledAt,
  passedIn,
  ranIn,
  foreign,
  none,
  reads,
  firstRead,
  ...rest
}) {
  const lines = [
    `${kind}${api ? ` of ${api}` : ''} at ${at({ file, line, column })}`,
    `  passed in ${passedIn}, ran in ${ranIn} (${times(foreign)} in another request, ${times(none)} in none)`,
    `  called by ${by}${calledAt ? ` (${calledAt})` : ''}`,
    reads > 0
      ? `  code in it read the wrong context ${times(reads)}${firstRead ? `, first at ${firstRead}` : ''}`
      : '  no code in it has read a context',
  ];
  if (rest.carrier) lines.push(`  ${rest.carrier}`);
  lines.push(`  repair: ${rest.repair}`);
  return lines.join('\n');
}

/** A finding as `findings()` returns it. */
function describe(found, units, repairs) {
  const site = units.siteOf(found.site);
  const place = units.authored(site);
  const calledAt = found.caller && at(units.authoredCall(found.caller));
  const firstRead = found.reader && named(units.authoredCall(found.reader));
  const { package: by, passedIn, ranIn, foreign, none, reads, carrier } = found;
  const finding = {
    ...{ kind: found.type, api: site.api, file: shorten(place.file), line: place.line, column: place.column },
    ...{ package: by, calledAt, passedIn, ranIn, foreign, none, reads, firstRead, carrier },
    repair: repairOf(found.type, place, repairs),
  };
  return { ...finding, text: textOf(finding) };
}

module.exports = { describe, textOf };
