'use strict';

/** Copies of a context's values in native memory, for the keys that its namespace exposes. */

const { deleteLabel, makeLabels, setLabel } = require('../frames/labels');

/** Gives a context its labels. A default context has none: nobody works for it. */
function makeLabelsOf(lifetime) {
  if (lifetime.isDefault) return;
  try {
    lifetime.labels = makeLabels();
  } catch {
    // No memory for a page of them: the context goes without.
  }
}

/** Copies all values that were set before. */
function labelAll(lifetime, values) {
  const keys = Reflect.ownKeys(values);
  for (let at = 0; at < keys.length; at++) labelValue(lifetime, values, keys[at], values[keys[at]]);
}

/** Copies a value, if its key is exposed. */
function labelValue(lifetime, values, key, value) {
  const index = lifetime.slot.exposed[key];
  if (index === undefined) return;
  if (lifetime.labels !== undefined) {
    setLabel(lifetime.labels, index, value);
    return;
  }
  // The keys were exposed after the context was made.
  makeLabelsOf(lifetime);
  if (lifetime.labels !== undefined) labelAll(lifetime, values);
}

/** Deletes the copy of a value. */
function unlabel({ labels, slot }, key) {
  const index = slot.exposed[key];
  if (index !== undefined) deleteLabel(labels, index);
}

module.exports = { labelAll, labelValue, makeLabelsOf, unlabel };
