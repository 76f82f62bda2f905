'use strict';

/** The running callbacks whose `before` events the engine `async-hooks` saw, as a stack. */

/** Levels are created once and reused. */
class Level {
  constructor(below) {
    this.asyncId = -1;
    this.resource = undefined;
    this.promise = undefined;
    this.snapshot = undefined;
    this.snapshotBefore = undefined;
    this.below = below;
    this.above = undefined;
  }
}

// The application may put setters on Object.prototype; an error in a hook ends the process.
Object.setPrototypeOf(Level.prototype, null);

/** Below all levels; matches no async id. Holds the snapshot entered last in a scope without a level. */
const ground = new Level(undefined);

/**
 * The level of a promise reaction that V8 reports. Only reactions outside all callbacks are reported by V8, so this is the
 * lowest level; its async id and resource are those outside callbacks.
 */
const reaction = new Level(ground);
reaction.asyncId = 0;

module.exports = { Level, ground, reaction };
