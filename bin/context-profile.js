#!/usr/bin/env node
'use strict';

/** The command context-profile: runs a program in this process, and profiles it from its first line to its end. */

const Module = require('node:module');

const { createNamespace } = require('..');
const http = require('../lib/integrations/http');
const { continuous } = require('../lib/observing/profiler');
const { begin } = require('../lib/observing/profiler/cli/begin');

// Shared with the program, whichever copy of the package it loads.
if (begin({ continuous, createNamespace, http })) Module.runMain();
