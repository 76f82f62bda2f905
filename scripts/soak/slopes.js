'use strict';

const { quantile } = require('../support/statistics');

const KB = 2 ** 10;
const MB = 2 ** 20;

/**
 * What is sampled, and from where on it grows: if its slope is above so many bytes a request, and what that comes to over
 * the samples is more than what goes up and down by itself. The least that a request can leave behind is a pointer.
 */
const METERS = [
  { name: 'heap', perRequest: 8, noise: MB },
  { name: 'external', perRequest: 8, noise: MB },
  { name: 'native pages', perRequest: 1, noise: 128 * KB },
  { name: 'resident', perRequest: 48, noise: 48 * MB },
];

/** The share of the samples that are left out: caches fill, functions are compiled. */
const WARM_UP = 1 / 3;

/** There are as many pairs as the square of this. */
const MOST_POINTS = 500;

/** At most so many of the points, evenly over all of them. */
function thinned(points) {
  const step = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, index) => index % step === 0);
}

/**
 * The slope of a line through points: the median of those through any two of them (Theil and Sen), which single points that
 * stick out don't change.
 *
 * @param {Array<{ x: number, y: number }>} points at least two, at different `x`
 * @returns {number}
 */
function slopeOf(points) {
  const slopes = [];
  for (let left = 0; left < points.length; left++) {
    for (let right = left + 1; right < points.length; right++) {
      slopes.push((points[right].y - points[left].y) / (points[right].x - points[left].x));
    }
  }
  return quantile(slopes, 0.5);
}

/**
 * Tells what grows.
 *
 * @param {Array<{ requests: number } & Record<string, number>>} samples in bytes, with the number of requests served so far
 * @returns {Array<{ name: string, slope: number, perRequest: number, first: number, last: number, grows: boolean }>} for each
 *   meter the slope in bytes a request, its limit, and the bytes at both ends
 */
function judge(samples) {
  const used = thinned(samples.slice(Math.floor(samples.length * WARM_UP)));
  const span = used.at(-1).requests - used[0].requests;
  return METERS.map(({ name, perRequest, noise }) => {
    const slope = slopeOf(used.map((sample) => ({ x: sample.requests, y: sample[name] })));
    const grows = slope > perRequest && slope * span > noise;
    return { name, slope, perRequest, first: used[0][name], last: used.at(-1)[name], grows };
  });
}

module.exports = { judge, slopeOf };
