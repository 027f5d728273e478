import { describe, expect, it } from 'vitest';
import type { ElectionEnd, Leadership } from '../../../../controller/operator/kube/leader-election.ts';
import { Manager, type ManagerOptions } from '../../../../controller/operator/kube/manager.ts';
import { keptLog, settle } from './manual-clock.ts';

/** A manager whose parts write down what is done to them. */
function setUp(options: Partial<ManagerOptions> & { startFails?: boolean } = {}) {
  const events: string[] = [];
  const cache = (name: string) => ({
    name,
    hasSynced: name !== 'slow',
    start: () => void events.push(`start ${name}`),
    stop: () => Promise.resolve(void events.push(`stop ${name}`)),
    whenSynced: () => Promise.resolve(),
  });
  const controller = {
    name: 'pool',
    start: () => {
      events.push('start controller');
      return options.startFails ? Promise.reject(new Error('no such kind')) : Promise.resolve();
    },
    stop: (drainTimeoutMs?: number) =>
      Promise.resolve(void events.push(`stop controller within ${drainTimeoutMs} ms`)),
  };
  const lost = new AbortController();
  /** An election that is won at once, and lost when told so. */
  const elector = {
    async run(signal: AbortSignal, lead: (leadership: Leadership) => Promise<void>): Promise<ElectionEnd> {
      const isHeld = () => !lost.signal.aborted;
      await lead({ epoch: 7, signal: AbortSignal.any([signal, lost.signal]), isHeld }).finally(() =>
        events.push(isHeld() ? 'release the lease' : 'leave the lease'),
      );
      return isHeld() ? 'Released' : 'Lost';
    },
  };
  const stopping = new AbortController();
  const manager = new Manager({
    caches: [cache('mailboxes'), cache('secrets')],
    controllers: [controller],
    elector,
    log: keptLog(),
    onLeading: ({ epoch }) => void events.push(`lead with epoch ${epoch}`),
    onStopping: () => Promise.resolve(void events.push('stop writers')),
    ...options,
  });
  const run = () => manager.run(stopping.signal);
  return { manager, events, run, stop: () => stopping.abort(), lose: () => lost.abort(), cache };
}

const BEGINNING = ['start mailboxes', 'start secrets', 'lead with epoch 7', 'start controller'];

describe('a manager', () => {
  it('lets work finish, then gives the lease away, then ends its watches', async () => {
    const { run, events, stop } = setUp();
    const end = run();
    await settle();
    expect(events).toEqual(BEGINNING);
    stop();
    expect(await end).toBe('Released');
    expect(events.slice(BEGINNING.length)).toEqual([
      'stop controller within 10000 ms',
      'stop writers',
      'release the lease',
      'stop mailboxes',
      'stop secrets',
    ]);
  });

  it('abandons all work at once when leadership is lost', async () => {
    const { run, events, lose } = setUp();
    const end = run();
    await settle();
    lose();
    expect(await end).toBe('Lost');
    expect(events.slice(BEGINNING.length)).toEqual([
      'stop controller within 0 ms',
      'stop writers',
      'leave the lease',
      'stop mailboxes',
      'stop secrets',
    ]);
  });

  it('stops everything and fails when a controller cannot start', async () => {
    const { run, events } = setUp({ startFails: true });
    await expect(run()).rejects.toThrow('no such kind');
    expect(events.slice(BEGINNING.length)).toEqual([
      'stop controller within 0 ms',
      'stop writers',
      'release the lease',
      'stop mailboxes',
      'stop secrets',
    ]);
  });

  it('leads alone where there is no election', async () => {
    const epochs: number[] = [];
    const alone = new Manager({
      caches: [],
      controllers: [],
      log: keptLog(),
      onLeading: ({ epoch }) => void epochs.push(epoch),
    });
    const stopping = new AbortController();
    const end = alone.run(stopping.signal);
    stopping.abort();
    expect(await end).toBe('Released');
    expect(epochs).toEqual([0]);
  });

  it('is ready when every cache has synced, and says which have not', async () => {
    const { manager, cache } = setUp();
    expect(await manager.readyChecks()['caches']?.()).toBeUndefined();
    const slow = new Manager({
      caches: [cache('mailboxes'), cache('slow')],
      controllers: [],
      log: keptLog(),
    });
    expect(await slow.readyChecks()['caches']?.()).toBe('not listed yet: slow');
  });
});
