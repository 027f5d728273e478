import type { LedgerIds } from '../../ledger/identity.ts';
import { openRedisLedger, type RedisLedger } from '../../ledger/redis-ledger.ts';
import { clockJumpSentence } from '../../ledger/ledger-look.ts';
import { sentenceOf } from '../../ledger/tail/tail.ts';
import type { Config } from '../config.ts';
import { ledgerPlace } from './ledger-place.ts';
import { StateFile } from './state-file.ts';

/** What a command needs to know of the ledger. */
export type LedgerConfig = Pick<
  Config,
  'redisUrl' | 'ledgerPrefix' | 'stateDirectory' | 'ledgerId' | 'minReplicas'
>;

/** What this machine remembers of the ledger. */
export function stateFileOf(config: LedgerConfig): StateFile {
  return new StateFile(config.stateDirectory, ledgerPlace(config.redisUrl, config.ledgerPrefix));
}

/** The ledger that must be there, as the environment or this machine remembers it. */
export async function expectedLedger(config: LedgerConfig): Promise<LedgerIds | undefined> {
  return config.ledgerId === undefined ? await stateFileOf(config).recall() : [config.ledgerId];
}

/**
 * How a command uses the ledger. Work: it makes one where there is none, and this machine remembers it from then on. Change: the same, but a
 * ledger that somebody else made is none of this machine's. Look: it changes nothing and makes none.
 */
type Use = 'Work' | 'Change' | 'Look';

type Warn = (sentence: string) => void;

function onTerminal(sentence: string): void {
  console.error(sentence);
}

/**
 * Opens the ledger for a command that ends; rejects with LedgerLost when it is not the one that is expected. `warn` is told when
 * the ledger cannot be remembered, and when it had lost something.
 */
export async function openLedger(
  config: LedgerConfig,
  use: Use,
  warn: Warn = onTerminal,
): Promise<RedisLedger> {
  const { redisUrl: url, ledgerPrefix, minReplicas } = config;
  const file = stateFileOf(config);
  const ledger = await openRedisLedger({
    url,
    prefix: `${ledgerPrefix}:`,
    minReplicas,
    expected: await expectedLedger(config),
    ifEmpty: use === 'Look' ? 'Refuse' : 'Create',
    onTold: (told) => warn(sentenceOf(told)),
    onTrouble: warn,
    onClockJump: (jumpMs) => warn(clockJumpSentence(jumpMs)),
    remember: async (ids, origin) => {
      const isOurs = use === 'Work' || (use === 'Change' && origin === 'Created');
      if (isOurs && config.ledgerId === undefined) await remember(file, ids, warn);
    },
  });
  // Asks the ledger something, so that a lost one is refused here and not in the middle of the work.
  await ledger.now().catch(async (error: unknown) => {
    await ledger.close();
    throw error;
  });
  return ledger;
}

/** Remembers the ledger, or says in one sentence that it cannot and what that means. */
export async function remember(file: StateFile, ids: LedgerIds, warn: Warn = onTerminal): Promise<void> {
  await file.remember(ids).catch((error: Error) => {
    warn(
      `The ledger's id cannot be kept in ${file.path} (${error.message}): should Redis lose its content, the next start would take it for new and mail everybody again; set MAILERS_STATE_DIR to a directory that can be written`,
    );
  });
}
