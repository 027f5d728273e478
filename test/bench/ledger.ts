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
const MESSAGES = Number(process.argv[2] ?? 40_000);
const MAILBOXES = Number(process.argv[3] ?? 10_000);
/** Messages that one sender works on at a time. */
const IN_FLIGHT = 64;
/** Commands per message: reserve, begin, settle, and the claim, which is shared by a batch. */
const COMMANDS_PER_MESSAGE = 3 + 1 / IN_FLIGHT;
const DAY = [{ name: 'Day', windowMs: 86_400_000, recipients: 1_000_000 }] as const;

/** Each round measures the no-ops and right after them the senders: what else the machine does in a moment hits both. */
const ROUNDS = 3;
/** Messages by which the programs are warm: a sender lives long. */
const WARM_UP = 10_000;

const redis = await startRedis();
try {
  console.log(
    `${MESSAGES} messages, ${MAILBOXES} mailboxes, ${IN_FLIGHT} in flight per sender, append-only file on; medians of ${ROUNDS} rounds`,
  );
  await withMessages(1, WARM_UP);
  for (const senders of [1, 4, 16]) {
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measureRound(senders));
    sayRounds(senders, rounds);
  }
  await sayMemory();
} finally {
  await redis.stop();
}

interface Round {
  readonly noOp: Measured;
  readonly sending: Measured;
}

async function measureRound(senders: number): Promise<Round> {
  const noOp = await measure(MESSAGES * 3, () => callNoOps(MESSAGES * 3));
  return { noOp, sending: await withMessages(senders, MESSAGES) };
}

function sayRounds(senders: number, rounds: readonly Round[]): void {
  const median = (of: (round: Round) => number): number =>
    rounds.map(of).sort((one, other) => one - other)[Math.floor(ROUNDS / 2)] ?? NaN;
  const ratio = median(({ noOp, sending }) => (sending.perSecond * COMMANDS_PER_MESSAGE) / noOp.perSecond);
  console.log(
    `${senders} senders: ${said(median(({ sending }) => sending.perSecond))} messages/s = ` +
      `${said(median(({ sending }) => sending.perSecond) * COMMANDS_PER_MESSAGE)} calls/s; ` +
      `no-op EVALSHA of one client: ${said(median(({ noOp }) => noOp.perSecond))}/s; ratio ${Math.round(ratio * 100)} %; ` +
      `${median(({ sending }) => sending.serverMicros).toFixed(0)} µs of Redis' CPU per message`,
  );
}

interface Measured {
  readonly perSecond: number;
  /** CPU time of Redis' main thread per unit, µs: unlike the rate it does not depend on what else the machine does. */
  readonly serverMicros: number;
}

async function measure(units: number, run: () => Promise<void>): Promise<Measured> {
  const client = new Redis(redis.url);
  const cpuSeconds = async (): Promise<number> => {
    const info = await client.info('cpu');
    return ['user', 'sys']
      .map((kind) => new RegExp(`used_cpu_${kind}_main_thread:([\\d.]+)`).exec(info)?.[1])
      .reduce((sum, seconds) => sum + Number(seconds), 0);
  };
  const cpuBefore = await cpuSeconds();
  const began = performance.now();
  await run();
  const seconds = (performance.now() - began) / 1_000;
  const serverMicros = (((await cpuSeconds()) - cpuBefore) * 1e6) / units;
  client.disconnect();
  return { perSecond: units / seconds, serverMicros };
}

function said(perSecond: number): string {
  return Math.round(perSecond).toLocaleString('en');
}

/** What one mailbox and one row take. */
async function sayMemory(): Promise<void> {
  const client = new Redis(redis.url);
  const bytesOf = async (pattern: string): Promise<number> => {
    const keys = await client.keys(pattern);
    const sizes = await Promise.all(keys.map((key) => client.memory('USAGE', key)));
    return sizes.reduce((sum: number, size) => sum + (size ?? 0), 0);
  };
  const [mailbox = ''] = await client.keys('*{q:mailbox:0}:state');
  console.log(`a mailbox: ${Math.round(await bytesOf(mailbox))} bytes`);
  const rows = (await bytesOf('*:campaign:spring:rows')) + (await bytesOf('*:campaign:spring:outcomes'));
  console.log(`a row: ${Math.round(rows / (WARM_UP + 3 * ROUNDS * MESSAGES))} bytes`);
  client.disconnect();
}

async function callNoOps(calls: number): Promise<void> {
  const client = new Redis(redis.url, { enableAutoPipelining: true });
  const sha = String(await client.script('LOAD', 'return 1'));
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      for (let call = 0; call < calls / IN_FLIGHT; call += 1) await client.evalsha(sha, 1, 'key', 'argument');
    }),
  );
  client.disconnect();
}

async function withMessages(senders: number, messages: number): Promise<Measured> {
  const prefix = `${randomUUID()}:`;
  const ledgers = await Promise.all(
    Array.from({ length: senders }, () => openRedisLedger({ url: redis.url, prefix })),
  );
  const [first] = ledgers;
  if (first === undefined) throw new Error('no ledger');
  const plan = benchPlan();
  await first.plans.publish(plan);
  await importRows(first, plan, messages);
  const measured = await measure(messages, async () => {
    const sent = await Promise.all(
      ledgers.map((ledger, index) => runSender(ledger, plan, { index, senders })),
    );
    const total = sent.reduce((sum, count) => sum + count, 0);
    if (total !== messages) throw new Error(`${total} messages were sent instead of ${messages}`);
  });
  await Promise.all(ledgers.map((ledger) => ledger.close()));
  return measured;
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

async function importRows(ledger: RedisLedger, plan: Plan, messages: number): Promise<void> {
  const key = { namespace: plan.namespace, pool: plan.pool, campaign: 'spring' };
  await ledger.audience.append(key, 0, audienceRows(messages));
  const counts = { read: messages, accepted: messages, invalid: 0, duplicate: 0 };
  await ledger.audience.commit(key, { revision: 'r', total: messages, removed: [], restored: [], counts });
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
  const claims = claimsAhead(ledger, sender);
  let sent = 0;
  // Like a sender: a slot that is free takes the next message at once, and claims are fetched while others are on their way.
  const fillSlot = async (): Promise<void> => {
    for (let claim = await claims.next(); claim !== undefined; claim = await claims.next()) {
      const route = routes[sent % routes.length] ?? '';
      sent += 1;
      await send(ledger, sender, { claim, route, fence: fences.get(route) ?? 0 });
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, fillSlot));
  return sent;
}

/** Claims one by one, fetched in batches before they are needed. */
function claimsAhead(ledger: RedisLedger, sender: SenderKey): { next(): Promise<Claim | undefined> } {
  const ready: Claim[] = [];
  let fetching: Promise<boolean> | undefined;
  let isEmpty = false;
  const fetch = async (): Promise<boolean> => {
    const demand = { routes: {}, esp: 0, any: IN_FLIGHT, campaigns: ['spring'] };
    const { claims } = await ledger.queue.claim(sender, demand);
    ready.push(...claims);
    return claims.length === 0;
  };
  const fetchOnce = (): Promise<boolean> => (fetching ??= fetch().finally(() => (fetching = undefined)));
  return {
    next: async () => {
      while (ready.length === 0 && !isEmpty) isEmpty = await fetchOnce();
      if (ready.length < IN_FLIGHT / 2 && !isEmpty) void fetchOnce();
      return ready.shift();
    },
  };
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
  const record = anAttemptRecord({ campaign: claim.key.campaign, row: claim.key.row, messageId, route });
  const { recipient, provider, account, overflow } = record;
  const attempt = { recipient, provider, account, overflow };
  const begun = await ledger.queue.begin(sender, { claim, route, laneFence: fence, messageId, attempt });
  const settled = await ledger.queue.settle(sender, {
    claim,
    settlement: { kind: 'Terminal', outcome: 'Delivered' },
    record,
    route,
  });
  if (!quota.granted || begun !== 'Ok' || settled !== 'Ok')
    throw new Error(`${JSON.stringify(quota)} ${begun} ${settled}`);
}
