import type { Command } from 'commander';
import { openRedisLedger } from '../ledger/redis-ledger.ts';
import { readConfig } from './config.ts';

interface ConfirmOptions {
  readonly lost: string;
}

/** `mailers ledger confirm`: a person accepts that the ledger's content is gone. */
export function addLedgerCommand(program: Command): void {
  const ledger = program.command('ledger').description('The ledger in Redis.');
  ledger
    .command('confirm')
    .description(
      'Accept that the content of the ledger was lost, after everything was done to restore it: senders go on with what is there now. ' +
        'What was sent before is forgotten, so quotas begin anew and campaigns that are declared again are sent again.',
    )
    .requiredOption('--lost <id>', 'the ledger that is gone, as the senders name it in their logs')
    .action(confirmLoss);
}

async function confirmLoss({ lost }: ConfirmOptions): Promise<void> {
  const config = readConfig();
  const ledger = await openRedisLedger({ url: config.redisUrl, prefix: `${config.ledgerPrefix}:` });
  try {
    if (ledger.id === lost) throw new Error(`The ledger ${lost} is not lost: it is the one in Redis now`);
    await ledger.confirmLedgerLoss(lost);
    console.log(
      `The ledger ${ledger.id} replaces ${lost}. Publish suppression lists before anything else is sent.`,
    );
  } finally {
    await ledger.close();
  }
}
