import type { AttemptRecord } from '../api/attempt.ts';
import type {
  BeginRequest,
  PoolKey,
  Repeated,
  SenderKey,
  SettleAnswer,
  SettleRequest,
} from '../domain/ports/queue-ledger.ts';
import { classOf, constraintOf, type Keys } from './keys.ts';
import { list, oneOf } from './reply.ts';
import type { Argument } from './scripts.ts';
import type { Store } from './store.ts';

/** Attempt records kept per pool; older ones are dropped, about. */
export const ATTEMPTS_KEPT = 100_000;

/** Ends claims of one sender, or keeps only their records. */
export async function settleClaims(
  store: Store,
  sender: SenderKey,
  requests: readonly SettleRequest[],
  how: 'Settled' | 'Overtaken' = 'Settled',
): Promise<SettleAnswer[]> {
  const { keys } = store;
  const pool = keys.pool(sender);
  const settled = settleArguments(keys, sender, { requests, how });
  const reply = await store.runGuarded(
    'queue-settle',
    pool.plan,
    [
      pool.plan,
      pool.campaigns,
      keys.claims(sender),
      pool.waiting,
      pool.schedule,
      pool.uncertain,
      pool.settled,
      pool.routes,
      pool.attempts,
      keys.due(sender, { kind: 'Any' }),
      pool.limited,
      ...settled.keys,
    ],
    settled.args,
  );
  return list(reply).map((answer) => oneOf(['Ok', 'Fenced'], answer));
}

/** Keys and arguments of lua/queue-settle.lua that depend on what is settled. */
function settleArguments(
  keys: Keys,
  pool: PoolKey,
  { requests, how }: { requests: readonly SettleRequest[]; how: 'Settled' | 'Overtaken' },
): { readonly keys: string[]; readonly args: Argument[] } {
  const classes = [...new Set(requests.map(({ settlement }) => waitsAs(settlement)))];
  const campaigns = [...new Set(requests.map(({ claim }) => claim.key.campaign))];
  return {
    keys: [
      ...classes.map((name) => keys.due(pool, constraintOf(name))),
      ...campaigns.map((campaign) => keys.campaign({ ...pool, campaign }).outcomes),
    ],
    args: [
      ATTEMPTS_KEPT,
      classes.length,
      ...classes,
      campaigns.length,
      ...campaigns,
      ...requests.flatMap((request) => [
        settlementText(request, how),
        summaryText(request.record),
        request.record === undefined ? '' : JSON.stringify(request.record),
      ]),
    ],
  };
}

/** What a repeat repeats, as lua/include/claim-record.lua reads it. */
export function repeatText({ dateMs, messageId }: Repeated): string {
  return `${dateMs}\t${messageId}`;
}

/** What the ledger notes of an attempt that begins, as lua/include/claim-record.lua reads it. */
export function attemptText({ attempt, keyedMs }: Pick<BeginRequest, 'attempt' | 'keyedMs'>): string {
  const { recipient, provider, account, overflow } = attempt;
  return [recipient, provider, account, overflow, ...(keyedMs === undefined ? [] : [keyedMs])].join('\t');
}

function waitsAs(settlement: SettleRequest['settlement']): string {
  return settlement.kind === 'Terminal' ? 'any' : classOf(settlement.constraint);
}

function repeatedBy(settlement: SettleRequest['settlement']): string {
  const isRepeat = 'repeatOf' in settlement && settlement.repeatOf !== undefined;
  return isRepeat ? repeatText(settlement.repeatOf) : '';
}

function settlementText(request: SettleRequest, how: 'Settled' | 'Overtaken'): string {
  const { claim, settlement, record, route, followUp } = request;
  const { campaign, step, row } = claim.key;
  const [outcome, dueInMs, overflow] =
    settlement.kind === 'Terminal'
      ? [settlement.outcome, 0, record?.overflow ?? '']
      : [settlement.kind, settlement.dueInMs, settlement.overflow];
  return [
    claim.token,
    campaign,
    step,
    row,
    how === 'Overtaken' ? how : settlement.kind,
    outcome,
    dueInMs,
    waitsAs(settlement),
    overflow,
    settlement.kind === 'Limited' ? settlement.limit : (route ?? ''),
    followUp?.step ?? '',
    followUp?.dueInMs ?? 0,
    repeatedBy(settlement),
  ].join('\t');
}

/** Message-ID, reply, and its text when it is not an acceptance. */
function summaryText(record: AttemptRecord | undefined): string {
  if (record === undefined) return '';
  const reply = `${record.code} ${record.enhancedCode}`;
  const words = record.code === 0 ? [record.clientError, record.text] : [reply.trim(), record.text];
  const bad = record.class === 'accepted' ? '' : words.filter((word) => word !== '').join(' ');
  return [record.messageId, reply, bad.replaceAll('\t', ' ')].join('\t');
}
