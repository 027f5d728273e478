import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Plan } from '../../controller/api/plan.ts';
import type { Claim, SenderKey } from '../../controller/domain/ports/queue-ledger.ts';
import { openRedisLedger, type RedisLedger } from '../../controller/ledger/redis-ledger.ts';
import { anAttemptRecord } from '../builders/attempt.ts';
import { audienceRows } from '../builders/audience.ts';
import { aPlanCampaign, aPlanMailbox, aPlan } from '../builders/plan.ts';
import { startRedis } from '../redis/redis-server.ts';

/**
 * Messages per second through the ledger (claim, reserve, begin, settle) beside as many no-op EVALSHA on the same server, and bytes
 * per mailbox and row. Run: node test/bench/ledger.ts [messages] [mailboxes].
 */
const MESSAGES = Number(process.argv[2] ?? 20_000);
const MAILBOXES = Number(process.argv[3] ?? 1_000);
/** Messages that one sender works on at a time. */
const IN_FLIGHT = 64;
/** Commands per message: reserve, begin, settle, and the claim, which is shared by a batch. */
const COMMANDS_PER_MESSAGE = 3 + 1 / IN_FLIGHT;
const DAY = [{ name: 'Day', windowMs: 86_400_000, recipients: 1_000_000 }] as const;

const redis = await startRedis();
try {
  console.log(
    `${MESSAGES} messages, ${MAILBOXES} mailboxes, ${IN_FLIGHT} in flight per sender, append-only file on`,
  );
  const noOps = await noOpsPerSecond();
  console.log(`no-op EVALSHA, one client: ${Math.round(noOps).toLocaleString('en')}/s`);
  for (const senders of [1, 4, 16]) {
    const perSecond = await messagesPerSecond(senders);
    const share = (perSecond * COMMANDS_PER_MESSAGE) / noOps;
    console.log(
      `${senders} senders: ${Math.round(perSecond).toLocaleString('en')} messages/s, ` +
        `${Math.round(perSecond * COMMANDS_PER_MESSAGE).toLocaleString('en')} calls/s = ${Math.round(share * 100)} % of no-op`,
    );
  }
  await sayMemory();
} finally {
  await redis.stop();
}

/** What one mailbox and one row of the last run take. */
async function sayMemory(): Promise<void> {
  const client = new Redis(redis.url);
  const bytesOf = async (pattern: string): Promise<number> => {
    const keys = await client.keys(pattern);
    const sizes = await Promise.all(keys.map((key) => client.memory('USAGE', key)));
    return sizes.reduce((sum: number, size) => sum + (size ?? 0), 0) / keys.length;
  };
  console.log(`a mailbox: ${Math.round(await bytesOf('*{q:mailbox:0}:state'))} bytes`);
  const row = (await bytesOf('*:campaign:spring:rows')) + (await bytesOf('*:campaign:spring:outcomes'));
  console.log(`a row: ${Math.round(row / MESSAGES)} bytes`);
  client.disconnect();
}

async function noOpsPerSecond(): Promise<number> {
  const client = new Redis(redis.url, { enableAutoPipelining: true });
  const sha = String(await client.script('LOAD', 'return 1'));
  const calls = MESSAGES * 3;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      for (let call = 0; call < calls / IN_FLIGHT; call += 1) await client.evalsha(sha, 1, 'key', 'argument');
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  client.disconnect();
  return calls / seconds;
}

async function messagesPerSecond(senders: number): Promise<number> {
  const prefix = `${randomUUID()}:`;
  const ledgers = await Promise.all(
    Array.from({ length: senders }, () => openRedisLedger({ url: redis.url, prefix })),
  );
  const [first] = ledgers;
  if (first === undefined) throw new Error('no ledger');
  const plan = benchPlan();
  await first.plans.publish(plan);
  await importRows(first, plan);
  const began = performance.now();
  const sent = await Promise.all(ledgers.map((ledger, index) => runSender(ledger, plan, { index, senders })));
  const seconds = (performance.now() - began) / 1_000;
  const total = sent.reduce((sum, count) => sum + count, 0);
  if (total !== MESSAGES) throw new Error(`${total} messages were sent instead of ${MESSAGES}`);
  await Promise.all(ledgers.map((ledger) => ledger.close()));
  return total / seconds;
}

function benchPlan(): Plan {
  const mailboxes = Array.from({ length: MAILBOXES }, (_none, index) =>
    aPlanMailbox({
      name: `m${index}`,
      route: `mailbox/m${index}`,
      quotaSubject: `mailbox:${index}`,
      limits: [...DAY],
    }),
  );
  return aPlan({ mailboxes, campaigns: [aPlanCampaign({ name: 'spring' })] });
}

async function importRows(ledger: RedisLedger, plan: Plan): Promise<void> {
  const key = { namespace: plan.namespace, pool: plan.pool, campaign: 'spring' };
  await ledger.audience.append(key, 0, audienceRows(MESSAGES));
  const counts = { read: MESSAGES, accepted: MESSAGES, invalid: 0, duplicate: 0 };
  await ledger.audience.commit(key, { revision: 'r', total: MESSAGES, removed: [], restored: [], counts });
}

async function runSender(
  ledger: RedisLedger,
  plan: Plan,
  { index, senders }: { index: number; senders: number },
): Promise<number> {
  const sender: SenderKey = { namespace: plan.namespace, pool: plan.pool, senderId: `s${index}` };
  const mine = plan.mailboxes.filter((_mailbox, at) => at % senders === index);
  const share = await ledger.lanes.share(sender, {
    leaseMs: 600_000,
    routes: mine.map(({ route }) => route),
    busy: mine.map(({ route }) => route),
    states: [],
  });
  const fences = new Map(share.owned.map(({ route, fence }) => [route, fence]));
  const routes = [...fences.keys()];
  let sent = 0;
  for (;;) {
    const { claims } = await ledger.queue.claim(sender, {
      routes: {},
      esp: 0,
      any: IN_FLIGHT,
      campaigns: ['spring'],
    });
    if (claims.length === 0) return sent;
    await Promise.all(
      claims.map((claim, at) => {
        const route = routes[(sent + at) % routes.length] ?? '';
        return send(ledger, sender, { claim, route, fence: fences.get(route) ?? 0 });
      }),
    );
    sent += claims.length;
  }
}

async function send(
  ledger: RedisLedger,
  sender: SenderKey,
  { claim, route, fence }: { claim: Claim; route: string; fence: number },
): Promise<void> {
  const quota = await ledger.quota.reserve({
    subject: route.replace('mailbox/m', 'mailbox:'),
    recipients: 1,
    limits: [...DAY],
    minIntervalMs: 0,
    jitterMs: 0,
  });
  const messageId = `${claim.key.row}@example.com`;
  const begun = await ledger.queue.begin(sender, { claim, route, laneFence: fence, messageId });
  const settled = await ledger.queue.settle(sender, {
    claim,
    settlement: { kind: 'Terminal', outcome: 'Delivered' },
    record: anAttemptRecord({ campaign: claim.key.campaign, row: claim.key.row, messageId, route }),
    route,
  });
  if (!quota.granted || begun !== 'Ok' || settled !== 'Ok')
    throw new Error(`${JSON.stringify(quota)} ${begun} ${settled}`);
}
