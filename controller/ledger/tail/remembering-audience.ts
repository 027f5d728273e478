import type { AudienceLedger, CampaignKey } from '../../domain/ports/audience-ledger.ts';
import { LedgerUnavailable } from '../../domain/ports/ledger.ts';
import type { Continuity } from './continuity.ts';
import { WRITTEN_AFTER_MS } from './recent.ts';
import type { Replays } from './replays.ts';

/** Rows of one import that are kept in memory to be told again. */
const REMEMBERED_ROWS = 10_000;

/** An import between its first row and its commit. */
interface Import {
  rows: number;
  /** How often the ledger had lost its last writes when it began. */
  readonly losses: number;
}

/**
 * Audiences. A small import is remembered, row by row; a large one is made visible when its last rows are surely kept, and begins anew if
 * the ledger lost some of them meanwhile.
 */
export function rememberingAudience(
  audience: AudienceLedger,
  parts: {
    readonly replays: Replays;
    readonly continuity: Continuity;
    readonly sleep: (ms: number) => Promise<void>;
  },
): AudienceLedger {
  const { replays, continuity, sleep } = parts;
  const imports = new Map<string, Import>();
  const untilRowsAreKept = async (key: CampaignKey, begun: Import): Promise<void> => {
    await sleep(WRITTEN_AFTER_MS);
    await continuity.restored();
    if (continuity.losses === begun.losses) return;
    imports.delete(nameOf(key));
    throw new LedgerUnavailable(
      `ledger unavailable: Redis lost rows of the campaign ${nameOf(key)} while they were imported (it was restarted, or another took over); import them again`,
    );
  };
  return {
    ...readingOf(audience),
    async append(key, firstRow, rows) {
      const begun = imports.get(nameOf(key)) ?? { rows: 0, losses: continuity.losses };
      imports.set(nameOf(key), begun);
      begun.rows += rows.length;
      await audience.append(key, firstRow, rows);
      const isSmall = (): boolean => begun.rows <= REMEMBERED_ROWS;
      if (!isSmall()) return;
      replays.add(async (ledger) => {
        const { rows: visible } = await ledger.audience.state(key);
        // Rows that a commit made visible were kept with it, and others may be behind them.
        if (isSmall() && visible < firstRow + rows.length) await ledger.audience.append(key, firstRow, rows);
      });
    },
    async commit(key, change) {
      const begun = imports.get(nameOf(key));
      if (begun !== undefined && begun.rows > REMEMBERED_ROWS) await untilRowsAreKept(key, begun);
      const { revision: before } = await audience.state(key);
      await audience.commit(key, change);
      imports.delete(nameOf(key));
      if (before === change.revision) return;
      replays.add(async (ledger) => {
        const { revision } = await ledger.audience.state(key);
        if (revision === before) await ledger.audience.commit(key, change);
      });
    },
  };
}

function readingOf(audience: AudienceLedger): Omit<AudienceLedger, 'append' | 'commit'> {
  return {
    state: (key) => audience.state(key),
    chunk: (key, chunk) => audience.chunk(key, chunk),
    counts: (key) => audience.counts(key),
    // Not told again: what is cancelled is not in the plan any more, and what the plan does not name is not sent.
    cancel: (key) => audience.cancel(key),
    cancelledRows: (key) => audience.cancelledRows(key),
  };
}

function nameOf({ namespace, pool, campaign }: CampaignKey): string {
  return `${namespace}/${pool}/${campaign}`;
}
