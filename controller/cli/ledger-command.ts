import type { Command } from 'commander';
import { openRedisLedger } from '../ledger/redis-ledger.ts';
import { readConfig } from './config.ts';
import { expectedLedger, remember, stateFileOf } from './ledger/open-ledger.ts';

interface ConfirmOptions {
  readonly lost?: string;
  readonly redis?: string;
  readonly stateDir?: string;
}

const CONSEQUENCES = `Forgotten with it (of a ledger that went back in time: what happened since):
- what was sent: campaigns that are still declared are sent again, to everybody. Delete or suspend them first if that must not be.
- what the mailboxes used of their quotas: they are counted anew, while the providers go on counting.
- opt-outs, bounces and complaints since they were last declared: bring them back with "mailers suppress add" or in a SuppressionList.`;

/** `mailers ledger confirm`: a person accepts that the ledger's content is gone. */
export function addLedgerCommand(program: Command): void {
  const ledger = program.command('ledger').description('The ledger in Redis.');
  ledger
    .command('confirm')
    .description(
      'Accept that the content of the ledger was lost, after everything was done to restore it: operator and senders go on at once, ' +
        'with what is there now.',
    )
    .option(
      '--lost <id>',
      'the ledger that is gone, as logs and conditions name it (default: the one that this machine remembers)',
    )
    .option('--redis <url>', 'ledger (default: $REDIS_URL, else redis://127.0.0.1:6379)')
    .option('--state-dir <directory>', 'as given to "mailers run"')
    .addHelpText('after', `\n${CONSEQUENCES}`)
    .action(confirmLoss);
}

async function confirmLoss({ lost: named, redis, stateDir }: ConfirmOptions): Promise<void> {
  const read = readConfig();
  const config = {
    ...read,
    redisUrl: redis ?? read.redisUrl,
    stateDirectory: stateDir ?? read.stateDirectory,
  };
  const remembered = await expectedLedger(config);
  const lost = named ?? remembered?.[0];
  if (lost === undefined)
    throw new Error(
      'Nothing is known to be lost: this machine remembers no ledger there. Name it as logs and conditions do: mailers ledger confirm --lost ID',
    );
  const { redisUrl: url, ledgerPrefix } = config;
  const ledger = await openRedisLedger({
    url,
    prefix: `${ledgerPrefix}:`,
    expected: [lost, ...(remembered ?? [])],
  });
  try {
    // What is there and complete needs no confirmation; that a part of it is missing only a process can say, which then names it.
    if (named === undefined && (await ledger.health()).reason !== 'LedgerLost')
      throw new Error(
        `The ledger ${ledger.id} is not lost: nothing was changed. When a log says that a part of it is gone: mailers ledger confirm --lost ${ledger.id}`,
      );
    if (ledger.id !== lost)
      throw new Error(`That ${lost} is gone was confirmed before: ${ledger.id} replaces it`);
    await ledger.confirmLedgerLoss(lost);
    if (remembered !== undefined && config.ledgerId === undefined)
      await remember(stateFileOf(config), [ledger.id, ...ledger.replaces]);
    console.log(`The ledger ${ledger.id} replaces ${lost}.\n${CONSEQUENCES}`);
  } finally {
    await ledger.close();
  }
}
