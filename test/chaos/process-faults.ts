import { setTimeout as sleep } from 'node:timers/promises';
import { SENDER_LEASE_MS } from '../../controller/sender/lane-table.ts';
import type { SenderProcess } from '../fleet/sender-process.ts';
import { writtenUntilNow } from '../redis/redis-rollback.ts';
import type { ChaosContext, Fault } from './fault.ts';

/** All senders have reconnected and told Redis what it had lost after this time, ms. */
const TOLD_WITHIN_MS = 3_000;

function aSender({ fleet, random }: ChaosContext): SenderProcess | undefined {
  const running = fleet.senders.filter((sender) => sender.isRunning && !sender.isStopped);
  return running.length === 0 ? undefined : random.pick(running);
}

async function stall(context: ChaosContext, forMs: number): Promise<void> {
  const sender = aSender(context);
  if (!sender) return;
  const fault = { kind: 'SenderStalled', what: `SIGSTOP ${sender.name} for ${forMs} ms` } as const;
  await context.journal.during(fault, async () => {
    sender.pause();
    await sleep(forMs);
    sender.resume();
  });
}

/**
 * Senders and Redis, killed and stopped. A SIGKILL of Redis loses nothing that it answered: with `appendfsync no` and `always` every answer
 * is in its file before it is sent. With `everysec` Redis may put off the write for up to two seconds while the disk is slow: that is what
 * it means to go back. Then the senders must live to tell it what it had lost, so no sender is hit in that moment.
 */
export const PROCESS_FAULTS: readonly Fault[] = [
  {
    name: 'a sender is killed and comes back, half of the time under the same host name',
    weight: 4,
    exclusive: 'Sender',
    run: async (context) => {
      const sender = aSender(context);
      if (!sender) return;
      const { journal, fleet, random } = context;
      const pauseMs = random.between(0, 4_000);
      const hostName = random.isTrue(0.5) ? sender.name : undefined;
      const fault = { kind: 'SenderKilled', what: `kill -9 ${sender.name}` } as const;
      await journal.during(fault, () => sender.kill9());
      await sleep(pauseMs);
      journal.note(`start ${fleet.startSender(hostName).name}`);
    },
  },
  {
    name: 'a sender stalls for a moment',
    weight: 2,
    exclusive: 'Sender',
    run: (context) => stall(context, context.random.between(300, SENDER_LEASE_MS - 3_000)),
  },
  {
    name: 'a sender stalls for longer than its lease',
    weight: 1,
    exclusive: 'Sender',
    run: (context) =>
      stall(context, context.random.between(SENDER_LEASE_MS + 1_000, SENDER_LEASE_MS + 4_000)),
  },
  {
    name: 'a sender is drained and another one takes its place',
    weight: 1,
    exclusive: 'Sender',
    run: async (context) => {
      const sender = aSender(context);
      if (!sender) return;
      context.journal.note(`SIGTERM ${sender.name}`);
      sender.terminate();
      context.journal.note(`start ${context.fleet.startSender().name}`);
      await sender.exited;
    },
  },
  {
    name: 'Redis is killed and started again',
    weight: 2,
    exclusive: 'Redis',
    run: async ({ fleet, journal, random }) => {
      const pauseMs = random.between(100, 2_500);
      await journal.during(
        { kind: 'RedisKilled', what: `kill -9 Redis, away for ${pauseMs} ms` },
        async () => {
          await fleet.redis.kill9();
          await sleep(pauseMs);
          await fleet.redis.restart();
        },
      );
    },
  },
  {
    name: 'Redis loses its last writes',
    weight: 3,
    exclusive: 'Redis',
    isAlone: true,
    run: async ({ fleet, journal, random }) => {
      const byMs = random.between(100, 1_500);
      const pauseMs = random.between(0, 1_500);
      const written = await writtenUntilNow(fleet.redis);
      await sleep(byMs);
      const what = `Redis goes back by ${byMs} ms, away for ${pauseMs} ms`;
      await journal.during({ kind: 'RedisKilled', what }, async () => {
        await written.comeBack({ whileAway: () => sleep(pauseMs) });
        await sleep(TOLD_WITHIN_MS);
      });
    },
  },
  {
    name: 'Redis hangs',
    weight: 2,
    exclusive: 'Redis',
    run: async ({ fleet, journal, random }) => {
      const forMs = random.between(300, 4_000);
      await journal.during({ kind: 'RedisStalled', what: `SIGSTOP Redis for ${forMs} ms` }, async () => {
        fleet.redis.pause();
        await sleep(forMs);
        fleet.redis.resume();
      });
    },
  },
];
