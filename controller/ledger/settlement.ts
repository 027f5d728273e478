import type { AttemptRecord } from '../api/attempt.ts';
import type { PoolKey, SettleRequest } from '../domain/ports/queue-ledger.ts';
import { classOf, constraintOf, type Keys } from './keys.ts';
import type { Argument } from './scripts.ts';

/** Attempt records kept per pool; older ones are dropped, about. */
export const ATTEMPTS_KEPT = 100_000;

/** Keys and arguments of lua/queue-settle.lua that depend on what is settled. */
export function settleArguments(
  keys: Keys,
  pool: PoolKey,
  requests: readonly SettleRequest[],
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
      ...requests.flatMap((request) => [settlementText(request), recordText(request.record)]),
    ],
  };
}

function waitsAs(settlement: SettleRequest['settlement']): string {
  return settlement.kind === 'Terminal' ? 'any' : classOf(settlement.constraint);
}

function settlementText(request: SettleRequest): string {
  const { claim, settlement, record, route, followUp } = request;
  const { campaign, step, row } = claim.key;
  const isTerminal = settlement.kind === 'Terminal';
  return [
    claim.token,
    campaign,
    step,
    row,
    settlement.kind,
    isTerminal ? settlement.outcome : '',
    isTerminal ? 0 : settlement.dueInMs,
    waitsAs(settlement),
    isTerminal ? (record?.overflow ?? '') : settlement.overflow,
    settlement.kind === 'Limited' ? settlement.limit : (route ?? ''),
    followUp?.step ?? '',
    followUp?.dueInMs ?? 0,
  ].join('\t');
}

/** Message-ID, reply, its text when it is not an acceptance, and JSON. */
function recordText(record: AttemptRecord | undefined): string {
  if (record === undefined) return '';
  const reply = `${record.code} ${record.enhancedCode}`;
  const words = record.code === 0 ? [record.clientError, record.text] : [reply.trim(), record.text];
  const bad = record.class === 'accepted' ? '' : words.filter((word) => word !== '').join(' ');
  return [record.messageId, reply, bad.replaceAll('\t', ' '), JSON.stringify(record)].join('\t');
}
