import type { MessageKey } from '../domain/ports/queue-ledger.ts';

/** The id of a message within its pool, as the scripts know it. Campaign names hold no slash. */
export function messageId(key: MessageKey): string {
  return `${key.campaign}/${key.step}/${key.row}`;
}

/** The key of an id that `messageId` made. */
export function messageKeyOf(id: string): MessageKey {
  const [campaign = '', step, row] = id.split('/');
  return { campaign, step: Number(step), row: Number(row) };
}
