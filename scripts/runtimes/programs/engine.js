'use strict';

console.log(require('context').engine);
