'use strict';

/**
 * Programs that have the same outcome with `context/domain` as with the `domain` of Node.js, by what they show. Each
 * finds what the prelude in outcome.js has: `domain`, the module; `got(name)`, a domain that logs the errors it
 * receives; `throwing(name)`, one that throws another error for each; `log`; `EventEmitter`.
 */
module.exports = {
  ...require('./throws'),
  ...require('./emitters'),
  ...require('./listeners'),
  ...require('./methods'),
  ...require('./process'),
  ...require('./scopes'),
};
