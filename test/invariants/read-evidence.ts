import type { AttemptRecord } from '../../controller/api/attempt.ts';
import { wireTransactionSchema, type WireTransaction } from '../../controller/api/wire-log.ts';
import type { PoolKey } from '../../controller/domain/ports/queue-ledger.ts';
import type { ReportLedger } from '../../controller/domain/ports/report-ledger.ts';

const PAGE = 1_000;

/** Reads a wire log as the sandbox writes it, one JSON object per line; an unfinished last line is left out. */
export function parseWireLog(text: string): WireTransaction[] {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => wireTransactionSchema.parse(JSON.parse(line)));
}

/** All attempt records that the ledger kept of a pool, oldest first. */
export async function readAttempts(reports: ReportLedger, pool: PoolKey): Promise<AttemptRecord[]> {
  const attempts: AttemptRecord[] = [];
  let cursor = '';
  for (;;) {
    const page = await reports.attempts(pool, cursor, PAGE);
    if (page.records.length === 0) return attempts;
    attempts.push(...page.records);
    cursor = page.cursor;
  }
}
