import { createNamespace } from 'context';
import { instrument } from 'context/http';

const counts = { begun: 0, ended: 0, lost: 0 };

instrument(createNamespace('request'), {
  init(context, request) {
    counts.begun++;
    context.set('id', request.headers['x-id']);
    context.on('end', () => {
      counts.ended++;
      // Each of the applications sets this in its handler.
      if (context.get('seen') !== context.get('id')) counts.lost++;
    });
  },
});

process.on('message', () => process.send(counts));
