'use strict';

/** The order in which observers look a key up in several namespaces: that of the option `namespaces`, or else of creation. */

/**
 * @param {Slot[] | undefined} slots of the observed namespaces; undefined for all
 * @param {Slot} slot
 * @returns {number} its position in the order; -1 if it is not observed, as those of integrations, which have no namespace
 */
function placeOf(slots, slot) {
  if (slots === undefined) return slot.namespace === undefined ? -1 : slot.order;
  for (let index = 0; index < slots.length; index++) if (slots[index] === slot) return index;
  return -1;
}

/** Inserts an item into a list that is in the order of `places`. */
function insertAt(place, item, places, items) {
  let index = items.length;
  for (; index > 0 && places[index - 1] > place; index--) {
    items[index] = items[index - 1];
    places[index] = places[index - 1];
  }
  items[index] = item;
  places[index] = place;
}

module.exports = { insertAt, placeOf };
