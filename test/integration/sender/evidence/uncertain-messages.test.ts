import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Plan, PlanMailbox } from '../../../../controller/api/plan.ts';
import { EVIDENCE_RULES, type EvidenceRules } from '../../../../controller/domain/evidence.ts';
import { aPlan } from '../../../builders/plan.ts';
import { waitUntil } from '../../../cluster/process/wait-until.ts';
import { startDovecot, type DovecotServer } from '../../../dovecot/dovecot-server.ts';
import { APP_PASSWORD, senderWorld, type SenderWorld } from '../sender-world.ts';

const ABSENT_FROM_MS = 1_500;
const USER = 'anna@example.com';
/** The sandbox plays Google's submission service and Dovecot its IMAP service; minutes pass in a second. */
const RULES: EvidenceRules = {
  ...EVIDENCE_RULES,
  intervalMs: 50,
  firstLookMs: 200,
  absentFromMs: ABSENT_FROM_MS,
  filingServices: [{ submissionHost: 'localhost', imapHost: 'localhost' }],
};
const FILES_NOTHING: EvidenceRules = { ...RULES, filingServices: [] };

let dovecot: DovecotServer;
let strangeDovecot: DovecotServer;
let world: SenderWorld;
let filing: { stop(): Promise<void> };

beforeAll(async () => {
  [dovecot, strangeDovecot] = await Promise.all([
    startDovecot({ password: APP_PASSWORD.replaceAll(' ', '') }),
    startDovecot({ password: 'another' }),
  ]);
});
afterAll(() => Promise.all([dovecot.stop(), strangeDovecot.stop()]));

afterEach(async () => {
  console.log(JSON.stringify(world.log,null,1), transactions());
  await filing.stop();
  await world.end();
});

/** r0 is accepted and r1 is not, and both connections are cut instead of the reply. */
async function twoCutConnections(user: string): Promise<void> {
  const cut = { behaviour: 'DisconnectAfterDot', times: 1 } as const;
  world = await senderWorld({
    recipients: [
      { ...cut, match: { address: 'r0@example.net' }, accepted: true },
      { ...cut, match: { address: 'r1@example.net' }, accepted: false },
    ],
    ca: `${dovecot.certificate}\n${strangeDovecot.certificate}`,
  });
  filing = fileAccepted(user);
}

/** Does what Google does: puts what was accepted into Sent, a little later. */
function fileAccepted(user: string): { stop(): Promise<void> } {
  const filed = new Set<string>();
  let isStopped = false;
  const run = async (): Promise<void> => {
    while (!isStopped) {
      const ids = accepted().filter((id) => !filed.has(id));
      for (const id of ids) filed.add(id);
      if (ids.length > 0)
        await dovecot.append(user, 'Sent', ...ids.map((id) => `Message-ID: <${id}>\r\n\r\nHello.\r\n`));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const running = run();
  return {
    stop: async () => {
      isStopped = true;
      await running;
    },
  };
}

const transactions = () => world.sandbox.wireLog.transactions();
const accepted = () => transactions().flatMap((one) => (one.accepted ? [one.messageId] : []));
const told = (part: string) => world.log.filter(({ msg }) => msg.includes(part));

function planOf(user: string, mailbox: Partial<PlanMailbox>, uncertain: Plan['uncertain'] = 'Report'): Plan {
  const auth = { method: 'AppPassword', user, secret: { name: 'anna-login', key: 'appPassword' } } as const;
  const { endpoint } = world.mailbox();
  // The sandbox knows anna only; each test has an IMAP account of its own, found by the login name that both use.
  return aPlan({ mailboxes: [world.mailbox({ auth, endpoint, ...mailbox })], esps: [], uncertain });
}

async function untilCounts(expected: Record<string, number>): Promise<void> {
  await waitUntil(
    `counts ${JSON.stringify(expected)}`,
    async () => {
      const counts: Record<string, unknown> = { ...(await world.counts()) };
      return Object.entries(expected).every(([name, count]) => counts[name] === count);
    },
    { timeoutMs: 20_000, intervalMs: 20 },
  );
}

describe('evidence for Uncertain messages', () => {
  it('takes what is in Sent for delivered and sends again what certainly is not there', async () => {
    await twoCutConnections(USER);
    await world.start(planOf(USER, { imap: { host: 'localhost', port: dovecot.port } }), 6, {
      evidenceRules: RULES,
    });
    await untilCounts({ uncertain: 2, delivered: 4 });
    await untilCounts({ uncertain: 0, delivered: 6 });
    expect(new Set(accepted()).size).toBe(6);
    expect(accepted()).toHaveLength(6);
    expect(told('is in the Sent folder')).toHaveLength(1);
    expect(told('is not in the Sent folder')).toMatchObject([{ row: 1, campaign: 'spring' }]);
    const [usage] = await world.ledger.quota.usage([{ subject: 'mailbox:anna@example.com', limits: [] }]);
    expect(usage?.stop).toBeUndefined();
  });
});
