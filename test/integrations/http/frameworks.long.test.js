'use strict';

require('./servers').testServers(100);
