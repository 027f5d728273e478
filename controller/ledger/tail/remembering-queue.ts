import type { QueueLedger } from '../../domain/ports/queue-ledger.ts';
import type { ClaimTail } from './claim-tail.ts';

/** The queue, each answer noted in the tail. */
export function rememberingQueue(queue: QueueLedger, tail: ClaimTail): QueueLedger {
  return {
    async claim(sender, demand) {
      const batch = await queue.claim(sender, demand);
      tail.claimed(sender, batch.claims);
      return batch;
    },
    async begin(sender, request) {
      const answer = await queue.begin(sender, request);
      if (answer === 'Ok') tail.began(sender, request);
      return answer;
    },
    async settle(sender, request) {
      const answer = await queue.settle(sender, request);
      if (answer === 'Ok') tail.settled(sender, request);
      else tail.lost(sender, request.claim);
      return answer;
    },
    reconcile(sender, held) {
      tail.holdsOnly(sender, held);
      return queue.reconcile(sender, held);
    },
    recover: (pool) => queue.recover(pool),
    uncertain: (pool, limit) => queue.uncertain(pool, limit),
    resolve: (pool, key, evidence, followUp) => queue.resolve(pool, key, evidence, followUp),
    restate: (sender, restatement) => queue.restate(sender, restatement),
  };
}
