import type { AttemptRecord } from '../../controller/api/attempt.ts';
import type { WireTransaction } from '../../controller/api/wire-log.ts';
import type { Evidence } from '../invariants/evidence.ts';
import { anAttemptRecord } from './attempt.ts';
import { aReport, aReportCampaign, aReportPool, aReportRoute } from './report.ts';
import { aWireTransaction } from './wire.ts';

/** A message to r`row`@example.net that anna@example.com delivered: what the provider saw and what was recorded. */
export function aDelivery(row: number, timeMs: number): { seen: WireTransaction; record: AttemptRecord } {
  const messageId = `spring.0.${row}@example.com`;
  return {
    seen: aWireTransaction({ id: row + 1, timeMs, rcpts: [`r${row}@example.net`], messageId }),
    record: anAttemptRecord({ row, timeMs: timeMs + 10, messageId }),
  };
}

/** A run in which anna@example.com delivered three messages, one every 10 s, under a cap of three a minute: all is well. */
export function anEvidence(overrides: Partial<Evidence> = {}): Evidence {
  const deliveries = [0, 1, 2].map((row) => aDelivery(row, 100_000 + row * 10_000));
  return {
    wireLog: deliveries.map(({ seen }) => seen),
    attempts: deliveries.map(({ record }) => record),
    report: aReport({
      pools: [
        aReportPool({
          routes: [aReportRoute({ sent: 3 })],
          campaigns: [
            aReportCampaign({
              rows: { read: 3, accepted: 3, invalid: 0, duplicate: 0 },
              total: 3,
              delivered: 3,
            }),
          ],
        }),
      ],
    }),
    caps: [{ account: 'anna@example.com', recipients: 3 }],
    windowMs: 60_000,
    ...overrides,
  };
}
