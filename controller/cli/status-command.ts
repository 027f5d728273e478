import type { Command } from 'commander';
import { readConfig } from './config.ts';
import { openLedger } from './ledger/open-ledger.ts';
import { planInForce, poolKeyOf } from './pool-option.ts';
import { reportTable } from './report/report-table.ts';
import { currentReport } from './run/report-source.ts';

interface StatusOptions {
  readonly json: boolean;
}

/** `mailers status`: the report of pools as the ledger has it now. Sends nothing and changes nothing. */
export function addStatusCommand(program: Command): void {
  program
    .command('status <pool...>')
    .description('Show the report of pools (NAMESPACE/NAME) as the ledger has it now.')
    .option('--json', 'the whole report as JSON', false)
    .action(runStatus);
}

async function runStatus(pools: string[], options: StatusOptions): Promise<void> {
  for (const pool of pools) poolKeyOf(pool);
  const ledger = await openLedger(readConfig(), 'Look');
  try {
    const plans = await Promise.all(pools.map((pool) => planInForce(ledger, pool)));
    const report = await currentReport(ledger, plans);
    if (options.json) console.log(JSON.stringify(report, null, 2));
    else console.log(reportTable(report).join('\n'));
  } finally {
    await ledger.close();
  }
}
