'use strict';

require('./servers').testServers(5);
