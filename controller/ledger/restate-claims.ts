import type {
  RememberedClaim,
  RestateAnswer,
  Restatement,
  SenderKey,
  SettleRequest,
} from '../domain/ports/queue-ledger.ts';
import { agedSettlement, endOf, numberOfToken } from '../domain/restatement.ts';
import { classOf } from './keys.ts';
import { messageId } from './message-key.ts';
import { list, oneOf } from './reply.ts';
import type { Argument } from './scripts.ts';
import { attemptText, repeatText, settleClaims } from './settlement.ts';
import type { Store } from './store.ts';

/** Claims that one script call restates: it must not keep the server busy for long. */
const BATCH = 100;
/** A sender that the ledger forgot counts as registered for so long, until its next heartbeat, ms. */
const REGISTRATION_MS = 10_000;

const ANSWERS = ['Known', 'Held', 'Ours', 'Restated', 'Overtaken', 'Elsewhere'] as const;
type Verdict = (typeof ANSWERS)[number];

/** Tells the ledger what a sender did, part by part; each part twice: the claims, and then their ends. See `QueueLedger.restate`. */
export async function restateClaims(
  store: Store,
  sender: SenderKey,
  { lastToken, claims }: Restatement,
): Promise<RestateAnswer[]> {
  const answers = new Map<RememberedClaim, RestateAnswer>();
  for (const part of partsOf(claims)) {
    const verdicts = await restatePart(store, sender, { lastToken, claims: part });
    await settlePart(store, sender, { part, verdicts });
    part.forEach((claim, index) => answers.set(claim, answerOf(claim, verdicts[index] ?? 'Known')));
  }
  return claims.map((claim) => answers.get(claim) ?? 'Known');
}

/** In their order, no message twice in one part. None makes one empty part: the last token is told. */
function partsOf(claims: readonly RememberedClaim[]): RememberedClaim[][] {
  const parts: RememberedClaim[][] = [];
  let part: RememberedClaim[] = [];
  let messages = new Set<string>();
  for (const remembered of claims) {
    const id = messageId(remembered.claim.key);
    if (messages.has(id) || part.length === BATCH) {
      parts.push(part);
      part = [];
      messages = new Set();
    }
    part.push(remembered);
    messages.add(id);
  }
  return [...parts, part];
}

async function restatePart(store: Store, sender: SenderKey, told: Restatement): Promise<Verdict[]> {
  const { keys } = store;
  const pool = keys.pool(sender);
  const senders = await store.ask((client) => client.zrange(pool.senders, 0, '-1'));
  const others = senders.filter((senderId) => senderId !== sender.senderId);
  const campaigns = [...new Set(told.claims.map(({ claim }) => claim.key.campaign))];
  const reply = await store.runGuarded(
    'queue-restate',
    pool.plan,
    [
      pool.plan,
      pool.campaigns,
      pool.senders,
      keys.claims(sender),
      pool.waiting,
      pool.schedule,
      pool.uncertain,
      pool.settled,
      pool.routes,
      pool.limited,
      ...others.map((senderId) => keys.claims({ ...sender, senderId })),
      ...campaigns.map((campaign) => keys.campaign({ ...sender, campaign }).outcomes),
    ],
    [
      sender.senderId,
      REGISTRATION_MS,
      numberOfToken(told.lastToken),
      others.length,
      campaigns.length,
      ...campaigns,
      ...told.claims.flatMap(argumentsOf),
    ],
  );
  return list(reply).map((answer) => oneOf(ANSWERS, answer));
}

function argumentsOf(remembered: RememberedClaim): Argument[] {
  const { claim, begun } = remembered;
  const { key, attempts, firstAttemptMs = '', constraint, overflow, repeatOf } = claim;
  const kept = [key.campaign, key.step, key.row, attempts, firstAttemptMs, classOf(constraint), overflow];
  if (repeatOf !== undefined) kept.push(repeatText(repeatOf));
  return [claim.token, kept.join('\t'), endOf(remembered), begun === undefined ? '' : wireOf(begun)];
}

function wireOf({ request, ageMs }: NonNullable<RememberedClaim['begun']>): string {
  return [Math.round(ageMs), request.route, request.messageId, attemptText(request)].join('\t');
}

async function settlePart(
  store: Store,
  sender: SenderKey,
  { part, verdicts }: { part: readonly RememberedClaim[]; verdicts: readonly Verdict[] },
): Promise<void> {
  const ended = part.flatMap((remembered, index) =>
    remembered.ended === undefined
      ? []
      : [{ request: agedSettlement(remembered.ended), verdict: verdicts[index] ?? 'Known' }],
  );
  const those = (...wanted: readonly Verdict[]) =>
    ended.filter(({ verdict }) => wanted.includes(verdict)).map(({ request }) => request);
  const lost = those('Held', 'Ours', 'Restated');
  if (lost.length > 0) await settleClaims(store, sender, lost);
  const overtaken = those('Overtaken', 'Elsewhere').filter(leavesRecord);
  if (overtaken.length > 0) await settleClaims(store, sender, overtaken, 'Overtaken');
}

/** What came back untried leaves none, even if it was told with one; one that was Uncertain may have been resolved since. */
function leavesRecord({ record, settlement }: SettleRequest): boolean {
  const hasEnded = settlement.kind === 'Terminal' && settlement.outcome !== 'Uncertain';
  return record !== undefined && (hasEnded || settlement.kind === 'Deferred');
}

function answerOf({ ended }: RememberedClaim, verdict: Verdict): RestateAnswer {
  if (verdict === 'Held') return ended === undefined ? 'Known' : 'Restated';
  return verdict === 'Ours' ? 'Known' : verdict;
}
