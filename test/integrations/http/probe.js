'use strict';

/** What was found at each step of the requests: how often the id was the request's own, none, or that of another. */
class Probe {
  #steps = new Map();
  #idNow;

  /** @param {() => string | undefined} idNow the id that is active now */
  constructor(idNow) {
    this.#idNow = idNow;
  }

  /** Compares what is active now with what the request has. */
  at(step, expected) {
    const counts = this.#steps.get(step) ?? { right: 0, lost: 0, wrong: 0 };
    this.#steps.set(step, counts);
    const id = this.#idNow();
    if (id === undefined) counts.lost++;
    else if (id === expected) counts.right++;
    else counts.wrong++;
    return id;
  }

  /** @returns {Record<string, { right: number, lost: number, wrong: number }>} by the step */
  get results() {
    return Object.fromEntries(this.#steps);
  }
}

module.exports = { Probe };
