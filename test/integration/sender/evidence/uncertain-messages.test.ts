import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Plan, PlanMailbox } from '../../../../controller/api/plan.ts';
import { systemClock } from '../../../../controller/cli/system-clock.ts';
import { EVIDENCE_RULES, type EvidenceRules } from '../../../../controller/domain/evidence.ts';
import { aPlan } from '../../../builders/plan.ts';
import { waitUntil } from '../../../cluster/process/wait-until.ts';
import { POOL } from '../../../contract/pool-fixture.ts';
import { startDovecot, type DovecotServer } from '../../../dovecot/dovecot-server.ts';
import { APP_PASSWORD, senderWorld, type SenderWorld } from '../sender-world.ts';

const ABSENT_FROM_MS = 2_500;
/** The sandbox plays Google's submission service and Dovecot its IMAP service; minutes pass in a second. */
const RULES: EvidenceRules = {
  ...EVIDENCE_RULES,
  intervalMs: 50,
  firstLookMs: 200,
  absentFromMs: ABSENT_FROM_MS,
  filingServices: [{ submissionHost: 'localhost', imapHost: 'localhost' }],
};

let dovecot: DovecotServer;
/** Knows no password that anybody has. */
let strangeDovecot: DovecotServer;
let world: SenderWorld;
let user: string;
let users = 0;
const filing: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  dovecot = await startDovecot({ password: APP_PASSWORD.replaceAll(' ', '') });
  strangeDovecot = await startDovecot({ password: 'another', identity: dovecot.identity });
});
afterAll(() => Promise.all([dovecot.stop(), strangeDovecot.stop()]));

/** r0 is accepted and r1 is not, and both connections are cut instead of the reply. */
beforeEach(async () => {
  users += 1;
  user = `user${users}@example.com`;
  const cut = { behaviour: 'DisconnectAfterDot', times: 1 } as const;
  world = await senderWorld({
    user,
    identity: dovecot.identity,
    recipients: [
      { ...cut, match: { address: 'r0@example.net' }, accepted: true },
      { ...cut, match: { address: 'r1@example.net' }, accepted: false },
    ],
  });
});

afterEach(async () => {
  await Promise.all(filing.splice(0).map((one) => one.stop()));
  await world.end();
});

/** Does what Google does: puts what was accepted into Sent, a little later. */
function fileAccepted(): void {
  const filed = new Set<string>();
  const stopping = new AbortController();
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const ids = accepted().filter((id) => !filed.has(id));
      for (const id of ids) filed.add(id);
      const messages = ids.map((id) => `Message-ID: <${id}>\r\n\r\nHello.\r\n`);
      if (ids.length > 0) await dovecot.append(user, 'Sent', ...messages);
      await systemClock.sleep(50, stopping.signal);
    }
  };
  const running = run();
  filing.push({
    stop: async () => {
      stopping.abort();
      await running;
    },
  });
}

interface Situation {
  readonly server?: DovecotServer;
  readonly rules?: EvidenceRules;
  readonly uncertain?: Plan['uncertain'];
}

/** Six rows through the mailbox; with a server, that is its IMAP service. */
async function sendSix({ server, rules = RULES, uncertain = 'Report' }: Situation): Promise<void> {
  const imap = server && { host: 'localhost', port: server.port };
  const mailboxes = [world.mailbox(imap ? { imap } : {})];
  await world.start(aPlan({ mailboxes, esps: [], uncertain }), 6, { evidenceRules: rules });
}

const accepted = () =>
  world.sandbox.wireLog.transactions().flatMap((one) => (one.accepted ? [one.messageId] : []));
const said = (part: string) => world.log.filter(({ msg }) => msg.includes(part));

async function untilCounts(expected: Record<string, number>): Promise<void> {
  const hasCounts = async (): Promise<boolean> => {
    const counts: Record<string, unknown> = { ...(await world.counts()) };
    return Object.entries(expected).every(([name, count]) => counts[name] === count);
  };
  await waitUntil(`counts ${JSON.stringify(expected)}`, hasCounts, { timeoutMs: 20_000, intervalMs: 20 });
}

async function until(what: string, condition: () => boolean): Promise<void> {
  await waitUntil(what, condition, { timeoutMs: 20_000, intervalMs: 20 });
}

/** Until a look has begun after absence counts. */
async function untilAbsenceCounts(): Promise<void> {
  const { beganMs } = (await world.ledger.queue.uncertain(POOL, 1))[0] ?? { beganMs: 0 };
  await systemClock.sleep(beganMs + ABSENT_FROM_MS - (await world.ledger.now()));
  const before = dovecot.logins(user);
  await until('another look', () => dovecot.logins(user) > before + 1);
}

describe('evidence for Uncertain messages', () => {
  it('takes what is in Sent for delivered, sends again what certainly is not there, and counts both attempts', async () => {
    fileAccepted();
    await sendSix({ server: dovecot });
    await untilCounts({ uncertain: 2, delivered: 4 });
    await untilCounts({ uncertain: 0, delivered: 6 });
    expect(accepted()).toHaveLength(6);
    expect(said('is in the Sent folder')).toMatchObject([{ row: 0 }]);
    expect(said('is not in the Sent folder')).toMatchObject([{ row: 1 }]);
    const [usage] = await world.ledger.quota.usage([quotaOf(world.mailbox())]);
    expect(usage?.used, 'recipients counted, both attempts of r1 among them').toBe(7);
    const refused = world.sandbox.wireLog.transactions().filter((one) => !one.accepted);
    await world.expectInvariants({ resolvedMessageIds: refused.map(({ messageId }) => messageId) });
  });

  it('leaves a message Uncertain that is absent where the service does not file', async () => {
    fileAccepted();
    await sendSix({ server: dovecot, rules: { ...RULES, filingServices: [] } });
    await untilCounts({ uncertain: 1, delivered: 5 });
    await untilAbsenceCounts();
    expect(await world.counts()).toMatchObject({ uncertain: 1, delivered: 5 });
    await world.expectInvariants();
  });

  it('leaves all Uncertain where nothing was ever filed', async () => {
    await sendSix({ server: dovecot });
    await untilCounts({ uncertain: 2, delivered: 4 });
    await untilAbsenceCounts();
    expect(await world.counts()).toMatchObject({ uncertain: 2, delivered: 4 });
    await world.expectInvariants();
  });

  it('sends again without evidence only when the pool says so, and warns of each', async () => {
    await sendSix({ uncertain: 'Retry' });
    await untilCounts({ uncertain: 0, delivered: 6 });
    expect(said('without evidence')).toMatchObject([
      { level: 40, retriedWithoutEvidence: 1 },
      { level: 40, retriedWithoutEvidence: 2 },
    ]);
    // r0 had been accepted: that is what Retry means.
    expect(accepted()).toHaveLength(7);
  });

  it('logs in once where the login is refused, and sending goes on', async () => {
    await sendSix({ server: strangeDovecot });
    await until('a refused look', () => said('No evidence').length > 0);
    await untilCounts({ uncertain: 2, delivered: 4 });
    expect(said('No evidence')).toMatchObject([{ route: 'mailbox/anna', pauseMs: 3_600_000 }]);
    const states = await world.ledger.lanes.states(POOL);
    expect(states.map(({ reason }) => reason)).not.toContain('CredentialsInvalid');
    await world.expectInvariants();
  });
});

function quotaOf({ quotaSubject, limits }: PlanMailbox) {
  return { subject: quotaSubject, limits };
}
