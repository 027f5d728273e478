import { LedgerLost, LedgerUnavailable } from '../domain/ports/ledger.ts';

/** What the first word of an error reply means, and what to do about it. */
const REPLIES: Readonly<Record<string, string>> = {
  LOADING: 'Redis is loading its data; it answers by itself when that is done',
  READONLY: 'this Redis is a replica; the connection is made anew, to the primary',
  OOM: 'Redis is out of memory; raise maxmemory or the memory limit of its container (the policy must stay noeviction)',
  MISCONF: 'Redis cannot write to its disk; free or enlarge the volume of its append-only file',
  CLUSTERDOWN: 'the Redis Cluster does not serve all slots; bring its missing nodes back',
  MASTERDOWN: 'the Redis primary is away; it answers after the fail-over',
  TRYAGAIN: 'the Redis Cluster moves slots at this moment; it answers when that is done',
  MOVED: 'the Redis Cluster moved the slot; the client learns the new place',
  ASK: 'the Redis Cluster moves the slot at this moment; it answers when that is done',
  NOREPLICAS: 'Redis has fewer replicas than min-replicas-to-write demands; bring them back',
  UNBLOCKED: 'Redis changed its role; the connection is made anew',
  BUSY: 'another script keeps Redis busy; it answers when that ends',
  NOAUTH: 'Redis wants a password; put it into the ledger URL',
  WRONGPASS: 'Redis refused user or password of the ledger URL; correct them there, or in Redis',
  NOPERM:
    'the Redis user of the ledger URL may not do this; grant it the commands and key patterns of controller/ledger/redis.acl',
  CERTIFICATE:
    'the certificate of Redis is not trusted; name the file of its authority in NODE_EXTRA_CA_CERTS, and Redis as its certificate does',
  MAXCLIENTS: 'Redis takes no more connections; raise maxclients, or end clients that nobody needs',
};

/** What is said without such a word in front, and which one it is: before Redis 7.2 also that a script may not run a command. */
const WITHOUT_WORD = [
  { says: /^ERR The user executing the script can't /, word: 'NOPERM' },
  { says: /^ERR max number of clients/, word: 'MAXCLIENTS' },
  { says: /\bcertificate\b/, word: 'CERTIFICATE' },
];

/** Errors of the client that mean: no answer from Redis. */
const NO_ANSWER =
  /ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|Connection is closed|timed out|Socket timeout|Stream isn't writeable|Reached the max retries|All sentinels|Failed to refresh slots|None of startup nodes|Too many Cluster redirections|Command aborted|Cluster isn't ready/i;

/** What the client says of itself while it has no connection means nothing to who reads it. */
const NOT_CONNECTED = /Stream isn't writeable|Reached the max retries/i;

/**
 * Turns what the client throws into the ledger's own errors: LedgerUnavailable (wait, ask again), LedgerLost (a person must confirm), or
 * the error itself when it is neither: then it is a fault in this program.
 */
export function ledgerFailure(thrown: unknown): Error {
  const error = reasonOf(thrown);
  if (!(error instanceof Error)) return new Error(`ledger: ${String(error)}`);
  if (error instanceof LedgerLost || error instanceof LedgerUnavailable) return error;
  const word = wordOf(error);
  if (word === 'LEDGERLOST') {
    return new LedgerLost(lostMessage(error.message.slice(word.length + 1)), { cause: error });
  }
  const remedy = REPLIES[word];
  if (remedy !== undefined) {
    return new LedgerUnavailable(`ledger unavailable: ${remedy} (${error.message})`, { cause: error });
  }
  if (NO_ANSWER.test(`${error.name} ${error.message}`)) {
    const reason = NOT_CONNECTED.test(error.message) ? 'there is no connection to it' : error.message;
    return new LedgerUnavailable(
      `ledger unavailable: no answer from Redis (${reason}); check that it runs and that the ledger URL reaches it`,
      { cause: error },
    );
  }
  return error;
}

/** True when Redis does not let us in with the login of the ledger's URL. */
export function isLoginRefusal(error: Error): boolean {
  return /\b(WRONGPASS|NOAUTH)\b/.test(String(reasonOf(error)));
}

/** What the client throws for a cluster of which no node is of use only says so; why is what the last one said. */
function reasonOf(error: unknown): unknown {
  return error instanceof Error && 'lastNodeError' in error ? (error.lastNodeError ?? error) : error;
}

function wordOf({ message }: Error): string {
  const [first = ''] = message.split(' ', 1);
  return WITHOUT_WORD.find(({ says }) => says.test(message))?.word ?? first;
}

/** For `catch`: rejects with what `ledgerFailure` makes of the error. */
export function throwLedgerFailure(error: unknown): never {
  throw ledgerFailure(error);
}

/** The text of a LedgerLost error. `what` names what is missing. */
export function lostMessage(what: string): string {
  return `the ledger was wiped: ${what}. Nothing is sent, because what was sent before is no longer known; restore Redis from its append-only file or a replica, or confirm the loss: then quotas begin anew, declared campaigns are sent again, and opt-outs that are not declared are forgotten`;
}

/** The text of a LedgerLost error for a ledger that holds a state from before the last `byMs` of what was written. */
export function rewoundMessage(id: string, byMs: number): string {
  return `the ledger ${id} went back in time: at least the last ${Math.round(byMs / 1_000)} s that were written to Redis are missing (an old backup, or a replica that had lagged behind or stood apart). Nothing is sent, because what was sent in that time is no longer known; bring back the newest append-only file or replica, or confirm the loss: then what was sent in that time is sent again, quotas do not count it, and opt-outs of that time that are not declared are forgotten`;
}
