import type { Ledger } from '../../domain/ports/ledger.ts';
import type { LiveDeployment } from './live-objects.ts';

/** Environment variable by which a pod knows which ledger must be there. */
export const LEDGER_ID = 'MAILERS_LEDGER_ID';
/** A pod that knows one of so many of the ledger's latest ids need not be replaced: it accepts what took its place. */
const KEPT = 5;

export type LedgerNames = Pick<Ledger, 'id' | 'replaces'>;

/** The ledger that a Deployment's pods expect; undefined when they expect none. */
function ledgerIn({ spec }: LiveDeployment): string | undefined {
  const variables = (spec?.template?.spec?.containers ?? []).flatMap(({ env = [] }) => env);
  return variables.find(({ name }) => name === LEDGER_ID)?.value;
}

/** The ledger that pods are to expect: the one that they know for as long as that will do, so that a confirmed loss replaces no pod. */
export function expectedLedger(live: LiveDeployment | undefined, { id, replaces }: LedgerNames): string {
  const known = live && ledgerIn(live);
  const isTooOld = known !== undefined && replaces.indexOf(known) >= KEPT;
  return known === undefined || isTooOld ? id : known;
}

/** A ledger that pods were made for and that this one is not, nor replaces: their work is not in it. */
export function foreignLedger(
  live: Iterable<LiveDeployment>,
  { id, replaces }: LedgerNames,
): string | undefined {
  for (const deployment of live) {
    const known = ledgerIn(deployment);
    if (known !== undefined && known !== id && !replaces.includes(known)) return known;
  }
  return undefined;
}
