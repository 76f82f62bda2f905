'use strict';

/**
 * What the API says of entering and leaving contexts, on plain lists: the frames of one namespace, each with the frames
 * that enclose it, and `undefined` if none is entered. The AsyncLocalStorage beside the namespace carries them.
 *
 * @typedef {{ context: Context, entry: { open: boolean }, outer: Frames } | undefined} Frames
 */

/** @returns {Frames} the frames with one more on top */
function push(frames, context, entry = { open: false }) {
  return { context, entry, outer: frames };
}

/** The frames above one, put on others. */
function rebuild(frames, below, base) {
  return frames === below ? base : push(rebuild(frames.outer, below, base), frames.context, frames.entry);
}

function find(frames, matches) {
  let at = frames;
  while (at !== undefined && !matches(at)) at = at.outer;
  return at;
}

/** Whether the frames are inside a call in a context that has its `end` still before it. */
function isOpenIn(frames, context) {
  return find(frames, (frame) => frame.context === context && frame.entry.open) !== undefined;
}

/** What is active after `context.enter()`: nothing changes if it is active already. */
function entered(frames, context, defaultContext) {
  return activeOf(frames, defaultContext) === context ? frames : push(frames, context);
}

/** What is active after `context.exit()`: the innermost frame is taken out, those on top stay. Else null. */
function exited(frames, context) {
  const frame = find(frames, (at) => at.context === context);
  return frame === undefined ? null : rebuild(frames, frame, frame.outer);
}

/** How many frames there are. */
function depthOf(frames) {
  return frames === undefined ? 0 : 1 + depthOf(frames.outer);
}

/** The active context. */
function activeOf(frames, defaultContext) {
  return frames === undefined ? defaultContext : frames.context;
}

/** The contexts whose values are seen: the default context hides those that enclose it. */
function visible(frames, defaultContext) {
  const contexts = new Set();
  for (let at = frames; at !== undefined && at.context !== defaultContext; at = at.outer) contexts.add(at.context);
  return contexts;
}

/**
 * A call by `run` or of a bound function. Afterwards what is active is what was so before it, whatever was entered or left
 * inside: also if the context is active already, and its `end` is another call's.
 *
 * @param {Frames} before what is active at the call
 * @param {Frames} site what it is nested in: `before` for `run`, what was active at `bind` for a bound function
 * @returns {{ inside: Frames, ends: { open: boolean } | undefined }} what is active inside; the entry whose `end` is to
 *   come, if that is not the part of a call around it
 */
function called(before, site, context, defaultContext) {
  const isDefault = context === defaultContext;
  const again = activeOf(site, defaultContext) === context;
  const open = !isDefault && !isOpenIn(before, context) && !isOpenIn(site, context);
  // Entered already, and the end is another's: no frame is added.
  if (again && !open) return { inside: site, ends: undefined };
  const entry = { open };
  const enclosing = again ? site?.outer : site;
  const inside = push(isDefault ? undefined : enclosing, context, entry);
  return { inside, ends: open ? entry : undefined };
}

module.exports = { activeOf, called, depthOf, entered, exited, visible };
