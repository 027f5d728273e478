import {
  AUDIENCE_CHUNK_ROWS,
  type AudienceLedger,
  type CampaignCounts,
  type CampaignKey,
} from '../ports/audience-ledger.ts';
import type { PoolKey } from '../ports/queue-ledger.ts';
import {
  campaignOf,
  messageId,
  messagesOf,
  newMessage,
  noteCompletion,
  store,
  type Message,
  type PoolState,
} from './pool-state.ts';
import { endUntold } from './wait-model.ts';

type Change = Parameters<AudienceLedger['commit']>[1];

/** Audiences in memory. */
export function createAudienceModel(now: () => number, poolOf: (key: PoolKey) => PoolState): AudienceLedger {
  return {
    async state(key) {
      const { revision, visibleRows, counts } = campaignOf(poolOf(key), key.campaign);
      return { revision, rows: visibleRows, counts };
    },
    async append(key, firstRow, rows) {
      campaignOf(poolOf(key), key.campaign).rows.splice(firstRow, Infinity, ...rows);
    },
    async commit(key, change) {
      commit(poolOf(key), key, change, now());
    },
    async chunk(key, chunk) {
      const { rows, visibleRows } = campaignOf(poolOf(key), key.campaign);
      const first = chunk * AUDIENCE_CHUNK_ROWS;
      return rows.slice(first, Math.min(first + AUDIENCE_CHUNK_ROWS, visibleRows));
    },
    async counts(key) {
      return counts(poolOf(key), key.campaign);
    },
    async cancelledRows(key) {
      return messagesOf(poolOf(key), key.campaign)
        .filter((message) => message.key.step === 0 && isCancelled(message))
        .map((message) => message.key.row)
        .sort((a, b) => a - b);
    },
    async cancel(key) {
      return cancelAll(poolOf(key), key.campaign, now());
    },
  };
}

function commit(pool: PoolState, { campaign: name }: CampaignKey, change: Change, nowMs: number): void {
  const campaign = campaignOf(pool, name);
  for (let row = campaign.visibleRows; row < change.total; row += 1) {
    const message = newMessage({ campaign: name, step: 0, row }, { kind: 'Fresh' });
    if (!pool.messages.has(messageId(message.key))) store(pool, message, nowMs);
  }
  campaign.visibleRows = Math.max(campaign.visibleRows, change.total);
  campaign.revision = change.revision;
  campaign.counts = change.counts;
  campaign.hasEnded = false;
  const firstStep = (row: number) => pool.messages.get(messageId({ campaign: name, step: 0, row }));
  for (const message of change.removed.map(firstStep)) {
    if (message !== undefined && isUntried(message)) cancel(pool, message, nowMs);
  }
  for (const message of change.restored.map(firstStep)) {
    if (message !== undefined && isCancelled(message)) {
      store(pool, newMessage(message.key, { kind: 'Fresh' }), nowMs);
    }
  }
  noteCompletion(pool, name, nowMs);
}

function cancelAll(pool: PoolState, name: string, nowMs: number): number {
  const waiting = messagesOf(pool, name).filter(
    ({ place }) => place.kind === 'Fresh' || place.kind === 'Waiting',
  );
  for (const message of waiting) endUntold(pool, message, nowMs);
  const campaign = campaignOf(pool, name);
  campaign.revision = '';
  campaign.hasEnded = true;
  return waiting.length;
}

function cancel(pool: PoolState, message: Message, nowMs: number): void {
  store(pool, { ...message, place: { kind: 'Ended', outcome: 'Cancelled' } }, nowMs);
}

function isUntried({ place, attempts }: Message): boolean {
  return place.kind === 'Fresh' || (place.kind === 'Waiting' && attempts === 0);
}

function isCancelled({ place }: Message): boolean {
  return place.kind === 'Ended' && place.outcome === 'Cancelled';
}

function counts(pool: PoolState, name: string): CampaignCounts {
  const { startedMs, completedMs } = campaignOf(pool, name);
  const messages = messagesOf(pool, name);
  const found = (state: string): number => messages.filter((message) => stateOf(message) === state).length;
  const dueMs = messages.flatMap(({ place }) => (place.kind === 'Waiting' ? [place.dueMs] : []));
  return {
    total: messages.length,
    pending: found('Pending'),
    inFlight: found('Held'),
    delivered: found('Delivered'),
    deferred: found('Deferred'),
    failed: found('Failed'),
    suppressed: found('Suppressed'),
    uncertain: found('Uncertain'),
    cancelled: found('Cancelled'),
    overflow: messages.filter((message) => message.isOverflow).length,
    ...(startedMs !== undefined && { startedMs }),
    ...(completedMs !== undefined && { completedMs }),
    ...(dueMs.length > 0 && { nextDueMs: Math.min(...dueMs) }),
  };
}

function stateOf(message: Message): string {
  if (message.place.kind === 'Ended') return message.place.outcome;
  if (isUntried(message)) return 'Pending';
  return message.place.kind === 'Waiting' ? 'Deferred' : message.place.kind;
}
