import type { Command } from 'commander';
import { parseAddress } from '../domain/address/parse-address.ts';
import { suppressionKeys } from '../domain/address/suppression-keys.ts';
import { EARNED_LIST } from '../domain/ports/suppression-ledger.ts';
import { readConfig } from './config.ts';
import { openLedger } from './ledger/open-ledger.ts';

interface SuppressOptions {
  readonly namespace: string;
}

/** `mailers suppress add`: an opt-out that came by phone. */
export function addSuppressCommand(program: Command): void {
  const suppress = program.command('suppress').description('Suppressed addresses.');
  suppress
    .command('add <address...>')
    .description(
      'Suppress addresses at once on every route. Returns when silence is guaranteed, some seconds later.',
    )
    .option('-n, --namespace <name>', 'namespace', 'default')
    .action(addAddresses);
}

async function addAddresses(texts: string[], { namespace }: SuppressOptions): Promise<void> {
  // All are checked before the first is written: a list with a slip of the pen is not half in force.
  const addresses = texts.map(addressOf);
  const ledger = await openLedger(readConfig(), 'Change');
  try {
    const add = (address: string) => {
      const keys = suppressionKeys(address);
      return ledger.suppression.add(namespace, { list: EARNED_LIST, keys, reason: 'Manual', address });
    };
    await Promise.all(addresses.map(add));
    await ledger.kept();
    for (const address of addresses) console.log(`${address} is suppressed in namespace ${namespace}`);
  } finally {
    await ledger.close();
  }
}

function addressOf(text: string): string {
  const parsed = parseAddress(text);
  if ('problem' in parsed) throw new Error(`${text} ${parsed.problem}; nothing is suppressed`);
  return parsed.address;
}
