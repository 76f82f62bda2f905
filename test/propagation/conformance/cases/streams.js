'use strict';

const { PassThrough, Readable, Transform, Writable, compose, finished, pipeline } = require('node:stream');
const promises = require('node:stream/promises');
const consumers = require('node:stream/consumers');
const web = require('node:stream/web');

const { awaiting, cases, stepIn, stepThrough, stepsAt, turn } = require('../case');

/** A readable that gets its chunks in later turns. */
function source(step = () => {}) {
  let left = 3;
  return new Readable({
    read() {
      step('read');
      setImmediate(() => this.push(left-- === 0 ? null : 'chunk'));
    },
  });
}

function sink(step = () => {}) {
  return new Writable({
    write(chunk, encoding, callback) {
      step('write');
      setImmediate(callback);
    },
    final(callback) {
      step('final');
      process.nextTick(callback);
    },
  });
}

/** A generator that passes chunks on. */
const passing = (step) =>
  async function* change(chunks) {
    for await (const chunk of chunks) {
      step('generator');
      yield chunk;
    }
  };

module.exports = cases({
  'events of a readable': (step) => stepsAt(source(step), step, 'data', 'end', 'close'),
  "a readable's event 'readable'": (step) => {
    const stream = source();
    stream.on('readable', () => {
      while (stream.read() !== null) step('chunk');
    });
    return stepsAt(stream, step, 'readable', 'end');
  },
  'for await of a readable': awaiting((step) => stepThrough(source(step), step)),
  'Readable.from an async generator': awaiting((step) => {
    async function* chunks() {
      for (let left = 3; left > 0; left--) {
        await turn();
        step('generator');
        yield 'chunk';
      }
    }
    return stepThrough(Readable.from(chunks()), step);
  }),
  'events and callbacks of a writable': (step) => {
    const stream = sink(step);
    stream.write('chunk', () => step('written'));
    stream.write('chunk');
    stream.end('chunk', () => step('ended'));
    return stepsAt(stream, step, 'finish', 'close');
  },
  "a writable's event 'drain'": (step) => {
    const stream = new Writable({ highWaterMark: 1, write: (chunk, encoding, callback) => setImmediate(callback) });
    stream.write('more than fits');
    return stepsAt(stream, step, 'drain');
  },
  'Transform: transform and flush': (step) => {
    const stream = new Transform({
      transform(chunk, encoding, callback) {
        step('transform');
        setImmediate(callback, null, chunk);
      },
      flush(callback) {
        step('flush');
        callback();
      },
    });
    return stepsAt(source().pipe(stream), step, 'data', 'end');
  },
  'pipeline, with a callback': (step) =>
    stepIn((callback) => pipeline(source(step), new PassThrough(), sink(step), callback), step),
  'pipeline, awaited, with a generator': awaiting((step) => promises.pipeline(source(), passing(step), sink(step))),
  'finished, with a callback': (step) => stepIn((callback) => finished(source().resume(), callback), step),
  'finished, awaited': awaiting(() => promises.finished(source().resume())),
  'a stream that fails': (step) => {
    const stream = source();
    setImmediate(() => stream.destroy(new Error('to be handled')));
    return stepsAt(stream, step, 'error', 'close');
  },
  'map, filter and toArray of a readable': awaiting((step) => {
    const mapped = source().map(async (chunk) => {
      await null;
      step('map');
      return chunk;
    });
    return mapped.filter(() => (step('filter'), true)).toArray();
  }),
  compose: awaiting((step) => consumers.text(compose(source(), passing(step)))),
  'a stream that the contexts share': {
    prepare: () => new PassThrough().resume(),
    start: (step, { shared }) => stepIn((callback) => shared.write('chunk', callback), step),
  },
  'web streams': awaiting((step) => {
    let left = 3;
    const readable = new web.ReadableStream({
      start: () => step('start'),
      async pull(controller) {
        step('pull');
        await turn();
        if (left-- === 0) controller.close();
        else controller.enqueue('chunk');
      },
    });
    const transform = new web.TransformStream({
      async transform(chunk, controller) {
        step('transform');
        controller.enqueue(chunk);
      },
    });
    return stepThrough(readable.pipeThrough(transform), step);
  }),
  'CompressionStream and stream/consumers': awaiting(() => {
    const compressed = new Blob(['text to be compressed']).stream().pipeThrough(new web.CompressionStream('gzip'));
    return consumers.text(compressed.pipeThrough(new web.DecompressionStream('gzip')));
  }),
  Blob: awaiting(() => new Blob(['text']).text()),
});
