'use strict';

const { PassThrough, Readable, Transform, Writable, compose, finished, pipeline } = require('node:stream');
const promises = require('node:stream/promises');
const consumers = require('node:stream/consumers');
const web = require('node:stream/web');

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

module.exports = [
  {
    name: 'events of a readable',
    start: (step) =>
      new Promise((resolve) => {
        source(step)
          .on('data', () => step('data'))
          .on('end', () => step('end'))
          .on('close', () => resolve(step('close')));
      }),
  },
  {
    name: "a readable's event 'readable'",
    start: (step) =>
      new Promise((resolve) => {
        const stream = source();
        stream.on('readable', () => {
          step('readable');
          while (stream.read() !== null) step('chunk');
        });
        stream.on('end', () => resolve(step('end')));
      }),
  },
  {
    name: 'for await of a readable',
    async start(step) {
      // eslint-disable-next-line no-unused-vars
      for await (const chunk of source(step)) step('loop');
      step('after');
    },
  },
  {
    name: 'Readable.from an async generator',
    async start(step) {
      async function* chunks() {
        for (let left = 3; left > 0; left--) {
          await new Promise((resolve) => setImmediate(resolve));
          step('generator');
          yield 'chunk';
        }
      }
      // eslint-disable-next-line no-unused-vars
      for await (const chunk of Readable.from(chunks())) step('loop');
      step('after');
    },
  },
  {
    name: 'events and callbacks of a writable',
    start: (step) =>
      new Promise((resolve) => {
        const stream = sink(step);
        stream.on('finish', () => step('finish')).on('close', () => resolve(step('close')));
        stream.write('chunk', () => step('written'));
        stream.write('chunk');
        stream.end('chunk', () => step('ended'));
      }),
  },
  {
    name: "a writable's event 'drain'",
    start: (step) =>
      new Promise((resolve) => {
        const stream = new Writable({ highWaterMark: 1, write: (chunk, encoding, callback) => setImmediate(callback) });
        stream.once('drain', () => resolve(step('drain')));
        stream.write('more than fits');
      }),
  },
  {
    name: 'Transform: transform and flush',
    start: (step) =>
      new Promise((resolve) => {
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
          .on('end', () => resolve(step('end')));
      }),
  },
  {
    name: 'pipeline, with a callback',
    start: (step) =>
      new Promise((resolve) => {
        pipeline(source(step), new PassThrough(), sink(step), () => resolve(step('callback')));
      }),
  },
  {
    name: 'pipeline, awaited, with a generator',
    async start(step) {
      async function* change(chunks) {
        for await (const chunk of chunks) {
          step('generator');
          yield chunk;
        }
      }
      await promises.pipeline(source(), change, sink(step));
      step('awaited');
    },
  },
  {
    name: 'finished',
    start: (step) =>
      new Promise((resolve) => {
        const stream = source().resume();
        finished(stream, () => {
          step('callback');
          promises.finished(stream).then(() => resolve(step('awaited')));
        });
      }),
  },
  {
    name: 'a stream that fails',
    start: (step) =>
      new Promise((resolve) => {
        const stream = source();
        stream.on('error', () => step('error')).on('close', () => resolve(step('close')));
        setImmediate(() => stream.destroy(new Error('to be handled')));
      }),
  },
  {
    name: 'map, filter and toArray of a readable',
    async start(step) {
      const mapped = source().map(async (chunk) => {
        await null;
        step('map');
        return chunk;
      });
      await mapped.filter(() => (step('filter'), true)).toArray();
      step('awaited');
    },
  },
  {
    name: 'compose',
    async start(step) {
      const stream = compose(source(), async function* change(chunks) {
        for await (const chunk of chunks) {
          step('generator');
          yield chunk;
        }
      });
      await consumers.text(stream);
      step('awaited');
    },
  },
  {
    name: 'a stream that the contexts share',
    prepare: () => new PassThrough(),
    start: (step, { shared }) =>
      new Promise((resolve) => {
        shared.write('chunk', () => resolve(step('written')));
        shared.resume();
      }),
  },
  {
    name: 'web streams',
    async start(step) {
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
      // eslint-disable-next-line no-unused-vars
      for await (const chunk of readable.pipeThrough(transform)) step('loop');
      step('after');
    },
  },
  {
    name: 'CompressionStream, Blob and stream/consumers',
    async start(step) {
      const compressed = new Blob(['text to be compressed']).stream().pipeThrough(new web.CompressionStream('gzip'));
      await consumers.text(compressed.pipeThrough(new web.DecompressionStream('gzip')));
      step('consumed');
      await new Blob(['text']).text();
      step('blob');
    },
  },
];
