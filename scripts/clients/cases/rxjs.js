'use strict';

module.exports = {
  client: 'rxjs',

  start({ load }) {
    const { BehaviorSubject, Subject, defer, delay, filter, firstValueFrom, from, mergeMap, of, share, take, timer } =
      load('rxjs');
    const subject = new Subject();
    const state = new BehaviorSubject(undefined);
    const ticks = defer(() => timer(5)).pipe(share());

    /** Has a subject send an id to whoever waits for it, soon. */
    const sendSoon = (target, id) => setImmediate(() => target.next(id));

    const rows = [
      {
        kind: 'events',
        api: 'a pipe of its own',
        ask({ look }, done) {
          const values = of(1, 2, 3).pipe(
            delay(1),
            mergeMap((value) => from(Promise.resolve(value))),
          );
          values.subscribe({
            next: look,
            error: done,
            complete() {
              look();
              done();
            },
          });
        },
      },
      {
        kind: 'promise',
        api: 'firstValueFrom a shared Subject, promise',
        ask: async ({ id, look }) => {
          sendSoon(subject, id);
          await firstValueFrom(subject.pipe(filter((value) => value === id)));
          look();
        },
      },
      {
        kind: 'events',
        api: 'a shared Subject, subscriber',
        by: 'bind',
        ask({ look, bind }, done) {
          //#region a shared Subject, subscriber, by bind
          // The first value is for all that wait: a request's value that tells the others of a change.
          const onValue = bind(() => {
            look();
            done();
          });
          subject.pipe(take(1)).subscribe(onValue);
          sendSoon(subject, 'changed');
          //#endregion
        },
      },
      {
        kind: 'events',
        api: 'a shared BehaviorSubject, subscriber',
        by: 'bind',
        ask({ look, bind }, done) {
          //#region a shared BehaviorSubject, subscriber, by bind
          const onValue = bind(() => look());
          state.pipe(take(2)).subscribe({ next: onValue, complete: done });
          sendSoon(state, 'changed');
          //#endregion
        },
      },
      {
        kind: 'events',
        api: 'share() of a timer, subscriber',
        by: 'bind',
        ask({ look, bind }, done) {
          //#region share() of a timer, subscriber, by bind
          const onTick = bind(() => {
            look();
            done();
          });
          ticks.subscribe(onTick);
          //#endregion
        },
      },
    ];
    return { rows };
  },
};
