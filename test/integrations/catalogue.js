'use strict';

/**
 * Reads programs from a text: each begins with a line of its title, `// title`.
 *
 * @param {string} text
 * @returns {Record<string, string>} by their titles
 */
function catalogue(text) {
  const [, ...parts] = text.split(/^\/\/ (.*)\n/m);
  return Object.fromEntries(parts.flatMap((part, index) => (index % 2 === 0 ? [[part, parts[index + 1]]] : [])));
}

module.exports = { catalogue };
