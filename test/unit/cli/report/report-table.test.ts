import { describe, expect, it } from 'vitest';
import { reportTable } from '../../../../controller/cli/report/report-table.ts';
import { aReport, aReportMailbox, aReportPool } from '../../../builders/report.ts';

describe('the report for a terminal', () => {
  it("counts times from the ledger's clock, whatever this machine's shows", () => {
    const mailbox = aReportMailbox({ state: 'QuotaExhausted', nextSlot: '2001-01-01T12:05:00.000Z' });
    const pools = [aReportPool({ mailboxes: [mailbox] })];
    const lines = reportTable(aReport({ generatedAt: '2001-01-01T12:00:00.000Z', pools }));
    expect(lines.join('\n')).toMatch(/anna@example\.com.*QuotaExhausted +in 5 min/);
  });
});
