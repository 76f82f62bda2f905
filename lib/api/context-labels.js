'use strict';

/** Native copies of the values that a namespace exposes. */

const { deleteLabel, makeLabels, setLabel } = require('../frames/labels');

/** Allocates a context's labels. Default contexts have none. */
function makeLabelsOf(lifetime) {
  if (lifetime.isDefault) return;
  try {
    lifetime.labels = makeLabels();
  } catch {
    // Out of memory: the context has no labels.
  }
}

function labelAll(lifetime, values) {
  const keys = Reflect.ownKeys(values);
  for (let at = 0; at < keys.length; at++) labelValue(lifetime, values, keys[at], values[keys[at]]);
}

function labelValue(lifetime, values, key, value) {
  const index = lifetime.slot.exposed[key];
  if (index === undefined) return;
  if (lifetime.labels !== undefined) {
    setLabel(lifetime.labels, index, value);
    return;
  }
  // The keys were exposed after this context was created.
  makeLabelsOf(lifetime);
  if (lifetime.labels !== undefined) labelAll(lifetime, values);
}

function unlabel({ labels, slot }, key) {
  const index = slot.exposed[key];
  if (index !== undefined) deleteLabel(labels, index);
}

module.exports = { labelAll, labelValue, makeLabelsOf, unlabel };
