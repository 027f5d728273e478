import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { readConfig } from './config.ts';
import { openLedger } from './ledger/open-ledger.ts';
import { importAudience } from './run/audience-import.ts';

interface ImportOptions {
  readonly campaign: string;
  readonly file: string;
  readonly format: 'CSV' | 'NDJSON' | 'JSON';
  readonly emailColumn: string;
}

/** `mailers import`: brings one audience into the ledger (the role of an import Job). The last line of its output is the result as JSON. */
export function addImportCommand(program: Command): void {
  program
    .command('import')
    .description("Bring a campaign's audience into the ledger (the role of an import Job).")
    .requiredOption('--campaign <namespace/pool/name>', 'the campaign and the pool that sends it')
    .requiredOption('--file <path>', 'the audience')
    .option('--format <format>', 'CSV, NDJSON or JSON', 'CSV')
    .option('--email-column <name>', 'column or property of the address', 'email')
    .action(runImport);
}

async function runImport(options: ImportOptions): Promise<void> {
  const [namespace = '', pool = '', campaign = ''] = options.campaign.split('/');
  if ([namespace, pool, campaign].includes(''))
    throw new Error(`--campaign ${options.campaign}: must be NAMESPACE/POOL/NAME`);
  const { format, emailColumn } = options;
  const content = await readFile(options.file, 'utf8');
  const ledger = await openLedger(readConfig(), 'Change');
  try {
    const request = { key: { namespace, pool, campaign }, format, emailColumn };
    const imported = await importAudience(ledger.audience, request, content);
    await ledger.kept();
    console.log(JSON.stringify(imported));
  } finally {
    await ledger.close();
  }
}
