import pino from 'pino';
import { describe, expect, it } from 'vitest';
import type { Plan, PlanMailbox } from '../../../../controller/api/plan.ts';
import { EVIDENCE_RULES } from '../../../../controller/domain/evidence.ts';
import type { SentMailAnswer } from '../../../../controller/domain/ports/evidence.ts';
import type { FollowUp, UncertainMessage } from '../../../../controller/domain/ports/queue-ledger.ts';
import { UncertainMessages } from '../../../../controller/sender/evidence/uncertain-messages.ts';
import { aPlan, aPlanCampaign, aPlanEsp, aPlanMailbox } from '../../../builders/plan.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function gmail(name: string): PlanMailbox {
  return aPlanMailbox({
    name,
    endpoint: { host: 'smtp.gmail.com', port: 587, tls: 'StartTls' },
    imap: { host: 'imap.gmail.com', port: 993 },
  });
}

function uncertainMessages(count: number, route = 'mailbox/anna'): UncertainMessage[] {
  return Array.from({ length: count }, (_, row) => ({
    key: { campaign: route, step: 0, row },
    route,
    messageId: `m${row}@mail.example`,
    attempts: 0,
    beganMs: 0,
  }));
}

interface Look {
  readonly route: string;
  readonly ids: readonly string[];
}

/** A pool with so many Uncertain messages, mailboxes that answer as told, and a clock that stands still until it is set. */
function situation(
  messages: readonly UncertainMessage[],
  answer: SentMailAnswer = { kind: 'Searched', found: new Set(), isComplete: true },
) {
  const looks: Look[] = [];
  const resolved: { row: number; evidence: string }[] = [];
  const followUps: (FollowUp | undefined)[] = [];
  const state = { nowMs: 0, setByMs: 0, answer, settled: 'Ok' as 'Ok' | 'Fenced', atOnce: 0, mostAtOnce: 0 };
  const log: Record<string, unknown>[] = [];
  const tended = new UncertainMessages({
    pool: { namespace: 'mail', pool: 'outreach' },
    queue: {
      uncertain: async () => messages.filter(({ key }) => !resolved.some(({ row }) => row === key.row)),
      resolve: async (_pool, key, evidence, followUp) => {
        resolved.push({ row: key.row, evidence });
        followUps.push(followUp);
        return state.settled;
      },
    },
    sentMail: {
      search: async (mailbox, ids) => {
        state.atOnce += 1;
        state.mostAtOnce = Math.max(state.mostAtOnce, state.atOnce);
        looks.push({ route: mailbox.route, ids });
        await Promise.resolve();
        state.atOnce -= 1;
        return state.answer;
      },
    },
    rules: EVIDENCE_RULES,
    log: pino({}, { write: (line) => log.push(JSON.parse(line) as Record<string, unknown>) }),
    clocks: { now: () => state.nowMs + state.setByMs, monotonic: () => state.nowMs },
  });
  const plan = aPlan({ mailboxes: [gmail('anna')], esps: [aPlanEsp()] });
  return {
    state,
    looks,
    resolved,
    followUps,
    log,
    tendAt: async (nowMs: number, options: { plan?: Plan; owned?: string[]; signal?: AbortSignal } = {}) => {
      // It hears of the messages when they begin to be Uncertain.
      if (state.nowMs === 0) await tended.tend(plan, new Set(), new AbortController().signal);
      state.nowMs = nowMs;
      await tended.tend(
        options.plan ?? plan,
        new Set(options.owned ?? ['mailbox/anna', 'esp/relay']),
        options.signal ?? new AbortController().signal,
      );
    },
  };
}

describe('an Uncertain message of an ESP that sends once per key', () => {
  const idempotency = { header: 'X-Key', ttlMs: 24 * HOUR_MS };
  const keyed = () => uncertainMessages(1, 'esp/relay').map((message) => ({ ...message, keyedMs: 0 }));

  it('is handed over again with its key', async () => {
    const { tendAt, resolved, log } = situation(keyed());
    await tendAt(10_000, { plan: aPlan({ esps: [aPlanEsp({ idempotency })] }) });
    expect(resolved).toEqual([{ row: 0, evidence: 'Repeat' }]);
    expect(log[0]?.['msg']).toContain('with its idempotency key');
  });

  it('is left alone while the ESP is suspended', async () => {
    const { tendAt, resolved } = situation(keyed());
    await tendAt(10_000, { plan: aPlan({ esps: [aPlanEsp({ idempotency, suspended: true })] }) });
    expect(resolved).toEqual([]);
  });

  it('is left alone when it carried none', async () => {
    const { tendAt, resolved } = situation(uncertainMessages(1, 'esp/relay'));
    await tendAt(HOUR_MS, { plan: aPlan({ esps: [aPlanEsp({ idempotency })] }) });
    expect(resolved).toEqual([]);
  });
});

describe('the search for evidence', () => {
  it('is the owner’s of the lane', async () => {
    const { tendAt, looks } = situation(uncertainMessages(1));
    await tendAt(HOUR_MS, { owned: ['mailbox/ben'] });
    expect(looks).toEqual([]);
  });

  it('concludes from absence no sooner because the ledger’s clock was set forward', async () => {
    const { tendAt, state, resolved } = situation(uncertainMessages(1));
    state.setByMs = HOUR_MS;
    await tendAt(10_000);
    await tendAt(12 * MINUTE_MS - 1);
    expect(resolved).toEqual([]);
    await tendAt(12 * MINUTE_MS);
    expect(resolved).toEqual([{ row: 0, evidence: 'NotAccepted' }]);
  });

  it('is not put off because the ledger’s clock was set back', async () => {
    const { tendAt, state, looks, resolved } = situation(uncertainMessages(1));
    state.setByMs = -25 * HOUR_MS;
    await tendAt(10_000);
    expect(looks).toHaveLength(1);
    await tendAt(12 * MINUTE_MS);
    expect(resolved).toEqual([{ row: 0, evidence: 'NotAccepted' }]);
  });

  it('looks for all messages of a mailbox at once, at most a hundred of them', async () => {
    const { tendAt, looks } = situation(uncertainMessages(120));
    await tendAt(10_000);
    await tendAt(10_001);
    expect(looks.map(({ ids }) => ids.length)).toEqual([100, 20]);
  });

  it('searches four mailboxes at a time', async () => {
    const names = ['anna', 'ben', 'cleo', 'dora', 'emil', 'fay'];
    const messages = names.flatMap((name) => uncertainMessages(1, `mailbox/${name}`));
    const { tendAt, looks, state } = situation(messages);
    const plan = aPlan({ mailboxes: names.map(gmail) });
    await tendAt(10_000, { plan, owned: names.map((name) => `mailbox/${name}`) });
    expect(looks).toHaveLength(6);
    expect(state.mostAtOnce).toBe(4);
  });

  it('looks less and less often, and concludes from absence after twelve minutes', async () => {
    const { tendAt, looks, resolved } = situation(uncertainMessages(1));
    for (let nowMs = 0; nowMs < 12 * MINUTE_MS; nowMs += 5_000) await tendAt(nowMs);
    expect(looks.length).toBe(7);
    expect(resolved).toEqual([]);
    await tendAt(12 * MINUTE_MS);
    expect(resolved).toEqual([{ row: 0, evidence: 'NotAccepted' }]);
  });

  it('starts the next step of the sequence of a message that is in Sent', async () => {
    const [message] = uncertainMessages(1);
    if (!message) throw new Error('one was made');
    const found = new Set([message.messageId]);
    const { tendAt, followUps } = situation([message], { kind: 'Searched', found, isComplete: true });
    const { steps } = aPlanCampaign();
    const later = steps.map((step) => ({ ...step, name: 'second', delayMs: 5_000 }));
    const sequence = aPlanCampaign({ name: message.key.campaign, steps: [...steps, ...later] });
    const plan = aPlan({ mailboxes: [gmail('anna')], campaigns: [sequence] });
    await tendAt(10_000, { plan });
    expect(followUps).toEqual([{ step: 1, dueInMs: 5_000 }]);
  });

  it.each([
    ['that cannot be reached', 'Unreachable', 30_000],
    ['that refuses the login', 'Refused', HOUR_MS],
  ] as const)('leaves a mailbox alone %s, longer each time', async (_case, kind, pauseMs) => {
    const { tendAt, looks } = situation(uncertainMessages(1), { kind, message: 'no' });
    await tendAt(10_000);
    await tendAt(10_000 + pauseMs - 1);
    expect(looks).toHaveLength(1);
    await tendAt(10_000 + pauseMs);
    await tendAt(10_000 + 3 * pauseMs - 1);
    expect(looks).toHaveLength(2);
    await tendAt(10_000 + 3 * pauseMs);
    expect(looks).toHaveLength(3);
  });

  it('believes no answer that came after the order to stop', async () => {
    const stopping = new AbortController();
    const { tendAt, resolved, looks } = situation(uncertainMessages(1));
    const tending = tendAt(HOUR_MS, { signal: stopping.signal });
    stopping.abort();
    await tending;
    expect([looks, resolved].map(({ length }) => length)).toEqual([0, 0]);
  });

  it('says nothing about a message whose own sender came back with its end', async () => {
    const { tendAt, log, state } = situation(uncertainMessages(1));
    state.settled = 'Fenced';
    await tendAt(HOUR_MS);
    expect(log).toEqual([]);
  });

  it('counts and warns of what is retried without evidence', async () => {
    const { tendAt, log, resolved } = situation(uncertainMessages(2, 'esp/relay'));
    const plan = aPlan({ uncertain: 'Retry' });
    await tendAt(12 * MINUTE_MS - 1, { plan });
    expect(resolved).toEqual([]);
    await tendAt(12 * MINUTE_MS, { plan });
    expect(resolved.map(({ evidence }) => evidence)).toEqual(['NotAccepted', 'NotAccepted']);
    expect(log.map(({ level, retriedWithoutEvidence }) => [level, retriedWithoutEvidence])).toEqual([
      [40, 1],
      [40, 2],
    ]);
  });
});
