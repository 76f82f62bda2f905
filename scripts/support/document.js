'use strict';

/**
 * A text with another generated part.
 *
 * @param {string} text
 * @param {string} name of the part: it is between the comments `<!-- name:start -->` and `<!-- name:end -->`
 * @param {string} generated what is to be there; nothing for ''
 * @returns {string} the text as it is, if it does not have the part
 */
function replacePart(text, name, generated) {
  const [first, last] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const [start, end] = [text.indexOf(first), text.indexOf(last)];
  if (start < 0 || end < start) return text;
  return `${text.slice(0, start + first.length)}\n${generated && `\n${generated}\n\n`}${text.slice(end)}`;
}

module.exports = { replacePart };
