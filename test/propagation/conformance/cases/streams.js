'use strict';

const { PassThrough, Readable, Transform, Writable, compose, finished, pipeline } = require('node:stream');
const promises = require('node:stream/promises');
const consumers = require('node:stream/consumers');
const web = require('node:stream/web');

const { cases, stepThrough } = require('../case');

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

module.exports = cases({
  'events of a readable': (step, { done }) => {
    source(step)
      .on('data', () => step('data'))
      .on('end', () => step('end'))
      .on('close', () => done(step('close')));
  },
  "a readable's event 'readable'": (step, { done }) => {
    const stream = source();
    stream.on('readable', () => {
      step('readable');
      while (stream.read() !== null) step('chunk');
    });
    stream.on('end', () => done(step('end')));
  },
  async 'for await of a readable'(step) {
    await stepThrough(source(step), step, 'loop');
    step('after');
  },
  async 'Readable.from an async generator'(step) {
    async function* chunks() {
      for (let left = 3; left > 0; left--) {
        await new Promise((resolve) => setImmediate(resolve));
        step('generator');
        yield 'chunk';
      }
    }
    await stepThrough(Readable.from(chunks()), step, 'loop');
    step('after');
  },
  'events and callbacks of a writable': (step, { done }) => {
    const stream = sink(step);
    stream.on('finish', () => step('finish')).on('close', () => done(step('close')));
    stream.write('chunk', () => step('written'));
    stream.write('chunk');
    stream.end('chunk', () => step('ended'));
  },
  "a writable's event 'drain'": (step, { done }) => {
    const stream = new Writable({ highWaterMark: 1, write: (chunk, encoding, callback) => setImmediate(callback) });
    stream.once('drain', () => done(step('drain')));
    stream.write('more than fits');
  },
  'Transform: transform and flush': (step, { done }) => {
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
    source()
      .pipe(stream)
      .on('data', () => step('data'))
      .on('end', () => done(step('end')));
  },
  'pipeline, with a callback': (step, { done }) => {
    pipeline(source(step), new PassThrough(), sink(step), () => done(step('callback')));
  },
  async 'pipeline, awaited, with a generator'(step) {
    async function* change(chunks) {
      for await (const chunk of chunks) {
        step('generator');
        yield chunk;
      }
    }
    await promises.pipeline(source(), change, sink(step));
    step('awaited');
  },
  finished: (step, { done }) => {
    const stream = source().resume();
    finished(stream, () => {
      step('callback');
      promises.finished(stream).then(() => done(step('awaited')));
    });
  },
  'a stream that fails': (step, { done }) => {
    const stream = source();
    stream.on('error', () => step('error')).on('close', () => done(step('close')));
    setImmediate(() => stream.destroy(new Error('to be handled')));
  },
  async 'map, filter and toArray of a readable'(step) {
    const mapped = source().map(async (chunk) => {
      await null;
      step('map');
      return chunk;
    });
    await mapped.filter(() => (step('filter'), true)).toArray();
    step('awaited');
  },
  async compose(step) {
    const stream = compose(source(), async function* change(chunks) {
      for await (const chunk of chunks) {
        step('generator');
        yield chunk;
      }
    });
    await consumers.text(stream);
    step('awaited');
  },
  'a stream that the contexts share': {
    prepare: () => new PassThrough(),
    start: (step, { shared, done }) => {
      shared.write('chunk', () => done(step('written')));
      shared.resume();
    },
  },
  async 'web streams'(step) {
    let left = 3;
    const readable = new web.ReadableStream({
      start: () => step('start'),
      pull(controller) {
        step('pull');
        return new Promise((resolve) => {
          setImmediate(() => resolve(left-- === 0 ? controller.close() : controller.enqueue('chunk')));
        });
      },
    });
    const transform = new web.TransformStream({
      async transform(chunk, controller) {
        step('transform');
        controller.enqueue(chunk);
      },
    });
    await stepThrough(readable.pipeThrough(transform), step, 'loop');
    step('after');
  },
  async 'CompressionStream, Blob and stream/consumers'(step) {
    const compressed = new Blob(['text to be compressed']).stream().pipeThrough(new web.CompressionStream('gzip'));
    await consumers.text(compressed.pipeThrough(new web.DecompressionStream('gzip')));
    step('consumed');
    await new Blob(['text']).text();
    step('blob');
  },
});
