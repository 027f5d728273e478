import { describe, expect, it } from 'vitest';
import { setUp } from './controller-scene.ts';
import { settle } from './manual-clock.ts';

describe('a controller', () => {
  it('leaves keys in the queue while others are not ready for more, and stops all the same', async () => {
    const reconciled: string[] = [];
    let ready: PromiseWithResolvers<void> | undefined = Promise.withResolvers<void>();
    const { controller, primary, never } = setUp(
      (key) => {
        reconciled.push(key);
        return Promise.resolve({});
      },
      { whenReady: () => ready?.promise },
    );
    primary.sync();
    await controller.start(never);
    controller.enqueue('a');
    await settle();
    expect(reconciled).toEqual([]);
    const first = ready;
    ready = undefined;
    first.resolve();
    await settle();
    expect(reconciled).toEqual(['a']);
    ready = Promise.withResolvers<void>();
    controller.enqueue('b');
    await settle();
    await controller.stop();
  });

  it('may be woken by others alone', async () => {
    const reconciled: string[] = [];
    const { controller, primary, never } = setUp(
      (key) => {
        reconciled.push(key);
        return Promise.resolve({});
      },
      { isRelevant: 'Nothing' },
    );
    primary.sync();
    await controller.start(never);
    primary.tell('a', { kind: 'Added' });
    controller.enqueue('b');
    await settle();
    expect(reconciled).toEqual(['b']);
    await controller.stop();
  });
});
