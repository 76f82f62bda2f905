'use strict';

/** A module without functions: only its exports hold something. */
module.exports = { kept: [] };
