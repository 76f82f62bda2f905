'use strict';

/** How many namespaces random programs have, contexts of each, and places that keep what is called later. */
module.exports = { CONTEXTS: 3, NAMESPACES: 3, PLACES: 3 };
