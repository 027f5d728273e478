import { describe, expect, it } from 'vitest';
import { LedgerLost, LedgerUnavailable } from '../../../controller/domain/ports/ledger.ts';
import { isLoginRefusal, ledgerFailure } from '../../../controller/ledger/failure.ts';

describe('what Redis and its client throw', () => {
  it.each([
    ['LOADING Redis is loading the dataset in memory', /is loading its data/],
    ["READONLY You can't write against a read only replica.", /is a replica/],
    ["OOM command not allowed when used memory > 'maxmemory'.", /raise maxmemory/],
    ['MISCONF Redis is configured to save RDB snapshots', /free or enlarge the volume/],
    ['CLUSTERDOWN The cluster is down', /missing nodes/],
    ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", /fail-over/],
    ['TRYAGAIN Multiple keys request during rehashing of slot', /moves slots/],
    ['NOREPLICAS Not enough good replicas to write.', /min-replicas-to-write/],
    ['NOAUTH Authentication required.', /put it into the ledger URL/],
    ['WRONGPASS invalid username-password pair or user is disabled.', /refused user or password/],
    ["NOPERM this user has no permissions to run the 'evalsha' command", /grant it the commands/],
    [
      "ERR The user executing the script can't run this command or subcommand script: 9bed, on @user_script:3.",
      /grant it the commands/,
    ],
    ['ERR max number of clients reached', /raise maxclients/],
    ['connect ECONNREFUSED 127.0.0.1:6379', /check that it runs/],
    ['Command timed out', /no answer from Redis/],
    ['Connection is closed.', /no answer from Redis/],
    ['self-signed certificate', /NODE_EXTRA_CA_CERTS/],
    ["Hostname/IP does not match certificate's altnames", /as its certificate does/],
  ])('%s means wait and ask again, and says what to do', (message, remedy) => {
    const failure = ledgerFailure(new Error(message));
    expect(failure).toBeInstanceOf(LedgerUnavailable);
    expect(failure.message).toMatch(remedy);
    expect(failure.message).toContain(message);
  });

  it('is told by what a node of a cluster said of which no node is of use', () => {
    const refusal = new Error('WRONGPASS invalid username-password pair or user is disabled.');
    const none = Object.assign(new Error('Failed to refresh slots cache.'), { lastNodeError: refusal });
    expect(ledgerFailure(none).message).toMatch(/refused user or password/);
    expect(isLoginRefusal(none)).toBe(true);
    expect(ledgerFailure(Object.assign(none, { lastNodeError: null })).message).toMatch(
      /no answer from Redis/,
    );
  });

  it('LEDGERLOST means stop until a person confirms', () => {
    const failure = ledgerFailure(new Error('LEDGERLOST m:{p:a/b}:plan is gone'));
    expect(failure).toBeInstanceOf(LedgerLost);
    expect(failure.message).toMatch(/m:{p:a\/b}:plan is gone.*confirm/);
  });

  it('is left alone when it is a fault in the program', () => {
    const fault = new Error('ERR user_script:1: attempt to index a nil value');
    expect(ledgerFailure(fault)).toBe(fault);
  });

  it('says in plain words that there is no connection', () => {
    const failure = ledgerFailure(
      new Error("Stream isn't writeable and enableOfflineQueue options is false"),
    );
    expect(failure.message).toMatch(
      /no answer from Redis \(there is no connection to it\); check that it runs/,
    );
  });

  it('is not wrapped twice', () => {
    const failure = new LedgerUnavailable('away');
    expect(ledgerFailure(failure)).toBe(failure);
  });

  it('is an error even when it is none', () => {
    expect(ledgerFailure('odd').message).toContain('odd');
  });
});
