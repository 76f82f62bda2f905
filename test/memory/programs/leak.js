'use strict';

/** Loaded before a program, keeps all contexts that the program makes. */

const { subscribe } = require('node:diagnostics_channel');

const kept = [];
subscribe('context.create', ({ context }) => kept.push(context));
