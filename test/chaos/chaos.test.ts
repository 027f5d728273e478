import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkInvariants } from '../invariants/check-invariants.ts';
import { sharedCapViolations } from '../invariants/cap.ts';
import { runChaos, type ChaosOutcome } from './chaos-run.ts';
import { SHARED_LIMITS } from './declaration.ts';
import { Journal } from './journal.ts';
import { chaosSettings } from './settings.ts';

/** Violations shown; a fault of the product can make hundreds. */
const SHOWN = 40;

function summary({ evidence, explanations, durationMs }: ChaosOutcome): string {
  const transactions = evidence.wireLog.filter(({ kind }) => kind === 'Transaction');
  const accepted = transactions.filter((transaction) => transaction.accepted);
  const repeated = transactions.filter((transaction) => transaction.repeated);
  const campaigns = evidence.report.pools.flatMap((pool) => pool.campaigns);
  const lines = campaigns.map(
    ({ name, total, delivered, failed, suppressed, uncertain, deferred, overflow }) =>
      `${name}: ${total} messages, ${delivered} delivered (${overflow} overflow), ${failed} failed, ${suppressed} suppressed, ${uncertain} uncertain, ${deferred} deferred`,
  );
  return [
    `${transactions.length} transactions, ${accepted.length} accepted, ${repeated.length} known by their key, ${evidence.attempts.length} records in ${Math.round(durationMs / 1000)} s`,
    ...lines,
    `uncertain by cause: ${JSON.stringify(explanations.counts)}`,
  ].join('\n');
}

/** Share of a shared limit that some window must have reached: a limit that nobody came near proves nothing. */
const REACHED = 0.9;

/** The shared limits that held somebody back: told of a little less, the checker finds them exceeded. */
function limitsThatBound({ evidence }: ChaosOutcome): string[] {
  const { sharedCaps = [] } = evidence;
  const less = sharedCaps.map((cap) => ({ ...cap, recipients: Math.floor(cap.recipients * REACHED) }));
  const exceeded = sharedCapViolations({ ...evidence, sharedCaps: less }).map(({ text }) => text);
  const names = new Set(sharedCaps.map(({ name }) => name));
  return [...names].filter((name) => exceeded.some((text) => text.startsWith(`${name} `)));
}

/** Writes what a run left behind into a directory, for people who look into it. */
async function keepTrace(directory: string | undefined, outcome: ChaosOutcome): Promise<void> {
  if (directory === undefined) return;
  await mkdir(directory, { recursive: true });
  const { wireLog, attempts } = outcome.evidence;
  const lines = (rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n');
  await writeFile(join(directory, 'wire.ndjson'), lines(wireLog));
  await writeFile(join(directory, 'attempts.ndjson'), lines(attempts));
  await writeFile(join(directory, 'story.txt'), outcome.journal.story());
  for (const [name, text] of outcome.senderOutput) await writeFile(join(directory, `${name}.log`), text);
}

describe('under chaos', () => {
  const settings = chaosSettings(process.env);
  it(
    `every invariant holds and every Uncertain message is explained (MAILERS_CHAOS_SEED=${settings.seed})`,
    { timeout: settings.faultsForMs + settings.completeWithinMs + 120_000 },
    async () => {
      const journal = new Journal();
      try {
        const outcome = await runChaos(settings, journal);
        process.stdout.write(`\nseed ${settings.seed}: ${summary(outcome)}\n`);
        await keepTrace(process.env['MAILERS_CHAOS_TRACE'], outcome);
        const violations = checkInvariants(outcome.evidence).map(
          ({ invariant, text }) => `${invariant}: ${text}`,
        );
        expect(violations.slice(0, SHOWN)).toEqual([]);
        expect(outcome.explanations.unexplained).toEqual([]);
        expect(limitsThatBound(outcome)).toEqual(SHARED_LIMITS);
      } catch (error) {
        process.stdout.write(`\nseed ${settings.seed}:\n${journal.story()}\n`);
        throw error;
      }
    },
  );
});
