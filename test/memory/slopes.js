'use strict';

const { quantile } = require('../../tools/support/statistics');

const KB = 2 ** 10;
const MB = 2 ** 20;

/**
 * What is sampled. It grows if its slope is above so many bytes a request, and if that amounts to more over all samples than what goes up and
 * down by itself. The least that a request can leave behind is a pointer.
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

/**
 * The slope of a line through points `{ x, y }`: the median of those through any two of them (Theil and Sen), which single outliers don't change.
 */
function slopeOf(points) {
  const slopes = points.flatMap((one, index) => points.slice(index + 1).map((other) => (other.y - one.y) / (other.x - one.x)));
  return quantile(slopes, 0.5);
}

/** Finds what grows: for each meter the slope in bytes a request, its limit, and the bytes at both ends. */
function judge(samples) {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP));
  const step = Math.ceil(warm.length / MOST_POINTS);
  const used = warm.filter((_, index) => index % step === 0);
  const span = used.at(-1).requests - used[0].requests;
  return METERS.map(({ name, perRequest, noise }) => {
    const slope = slopeOf(used.map((sample) => ({ x: sample.requests, y: sample[name] })));
    const grows = slope > perRequest && slope * span > noise;
    return { name, slope, perRequest, first: used[0][name], last: used.at(-1)[name], grows };
  });
}

module.exports = { judge, slopeOf };
