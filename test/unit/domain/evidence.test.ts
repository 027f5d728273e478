import { describe, expect, it } from 'vitest';
import {
  EVIDENCE_RULES,
  evidenceKind,
  judgeLook,
  nextEvidenceStep,
  type EvidenceKind,
  type Looks,
} from '../../../controller/domain/evidence.ts';
import { keyedFor, type Keyed } from '../../../controller/domain/repeat.ts';
import type { SentMailAnswer } from '../../../controller/domain/ports/evidence.ts';
import { aPlanEsp, aPlanMailbox } from '../../builders/plan.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const BEGAN_MS = 1_000_000_000;
const message = { beganMs: BEGAN_MS, messageId: 'a1@mail.example' };
const idempotency = { header: 'X-Key', ttlMs: 24 * HOUR_MS };
const gmail = {
  endpoint: { host: 'smtp.gmail.com', port: 587, tls: 'StartTls' as const },
  imap: { host: 'imap.gmail.com', port: 993 },
};

describe('what the Sent folder of a route can prove', () => {
  it.each<[string, Parameters<typeof aPlanMailbox>[0], EvidenceKind]>([
    ['Gmail', gmail, 'Filed'],
    [
      "Google's relay, which files nothing",
      { ...gmail, endpoint: { ...gmail.endpoint, host: 'smtp-relay.gmail.com' } },
      'Found',
    ],
    ['another IMAP service', { ...gmail, imap: { host: 'imap.example.com', port: 993 } }, 'Found'],
    [
      'Microsoft, which may change the Message-ID',
      {
        provider: 'Microsoft365',
        endpoint: { ...gmail.endpoint, host: 'smtp.office365.com' },
        imap: { host: 'outlook.office365.com', port: 993 },
      },
      'Found',
    ],
    ['a mailbox without IMAP', { endpoint: gmail.endpoint }, 'None'],
    [
      'a mailbox that cannot be used as declared',
      { ...gmail, blocked: { reason: 'SecretNotFound', message: 'create it' } },
      'None',
    ],
  ])('%s', (_case, changes, kind) => {
    expect(evidenceKind(aPlanMailbox(changes), EVIDENCE_RULES)).toBe(kind);
  });

  it.each<[string, Parameters<typeof aPlanEsp>[0], EvidenceKind]>([
    ['an ESP', {}, 'None'],
    ['an ESP that sends once per idempotency key', { idempotency }, 'Keyed'],
    [
      'one that cannot be used as declared',
      { idempotency, blocked: { reason: 'SecretNotFound', message: 'create it' } },
      'None',
    ],
  ])('%s', (_case, changes, kind) => {
    expect(evidenceKind(aPlanEsp(changes), EVIDENCE_RULES)).toBe(kind);
  });
});

describe('what to do with an Uncertain message', () => {
  const step = (
    knownForMs: number,
    facts: { kind?: EvidenceKind; isRetry?: boolean; looks?: Looks; keyed?: Keyed; ageMs?: number } = {},
  ) =>
    nextEvidenceStep({
      message,
      age: { knownForMs, ageMs: facts.ageMs ?? knownForMs },
      kind: facts.kind ?? 'Filed',
      uncertain: facts.isRetry ? 'Retry' : 'Report',
      looks: facts.looks,
      keyed: facts.keyed,
      nowMs: BEGAN_MS + (facts.ageMs ?? knownForMs),
      rules: EVIDENCE_RULES,
    });
  const lookAt = (count: number, ms: number): Looks => ({ count, last: { knownForMs: ms, ageMs: ms } });

  it('looks for the first time after ten seconds', () => {
    expect(step(9_999)).toBe('Wait');
    expect(step(10_000)).toBe('Look');
  });

  it.each([
    [1, 10_000],
    [2, 20_000],
    [4, 80_000],
  ])('waits longer after look %i', (count, pauseMs) => {
    const looks = lookAt(count, MINUTE_MS);
    expect(step(MINUTE_MS + pauseMs - 1, { looks })).toBe('Wait');
    expect(step(MINUTE_MS + pauseMs, { looks })).toBe('Look');
  });

  it('looks at the moment from which absence counts, and then at most every hour', () => {
    const before = lookAt(12, 11 * MINUTE_MS);
    expect(step(12 * MINUTE_MS - 1, { looks: before })).toBe('Wait');
    expect(step(12 * MINUTE_MS, { looks: before })).toBe('Look');
    const after = lookAt(13, 12 * MINUTE_MS);
    expect(step(12 * MINUTE_MS + HOUR_MS - 1, { looks: after })).toBe('Wait');
    expect(step(12 * MINUTE_MS + HOUR_MS, { looks: after })).toBe('Look');
  });

  it('looks once at an old message, then never again', () => {
    expect(step(30 * HOUR_MS)).toBe('Look');
    const looks = lookAt(1, 30 * HOUR_MS);
    expect(step(60 * HOUR_MS, { looks })).toBe('Wait');
    expect(step(60 * HOUR_MS, { looks, isRetry: true })).toBe('Retry');
  });

  describe('that carried an idempotency key', () => {
    /** Uncertain for `sinceFirstMs` when its last attempt began. */
    const stepOf = (ageMs: number, sinceFirstMs: number, isRetry = false) => {
      const keyed = keyedFor(idempotency, BEGAN_MS - sinceFirstMs);
      return step(ageMs, { kind: 'Keyed', isRetry, ...(keyed && { keyed }) });
    };

    it.each([
      ['ten seconds after its first attempt', 1_000, 10_000],
      ['as long again as it has been Uncertain', 3 * MINUTE_MS, 3 * MINUTE_MS],
      ['after at most an hour', 5 * HOUR_MS, HOUR_MS],
    ])('is repeated %s', (_case, sinceFirstMs, pauseMs) => {
      expect(stepOf(pauseMs - 1, sinceFirstMs)).toBe('Wait');
      expect(stepOf(pauseMs, sinceFirstMs)).toBe('Repeat');
    });

    it('is not repeated from ten minutes before the service forgets the key', () => {
      const ageMs = 24 * HOUR_MS - 10 * MINUTE_MS - 1_000;
      expect(stepOf(ageMs - 1, 1_000)).toBe('Repeat');
      expect(stepOf(ageMs, 1_000)).toBe('Wait');
      expect(stepOf(ageMs, 1_000, true)).toBe('Retry');
    });

    it('is left alone when the route has no keys any more', () => {
      expect(step(HOUR_MS, { kind: 'Keyed' })).toBe('Wait');
    });
  });

  it('goes by how long it has known of a message, wherever the clock of the ledger was set', () => {
    expect(step(9_999, { ageMs: 5 * HOUR_MS })).toBe('Wait');
    expect(step(11 * MINUTE_MS, { kind: 'None', isRetry: true, ageMs: 5 * HOUR_MS })).toBe('Wait');
    expect(step(10_000, { ageMs: -5 * HOUR_MS })).toBe('Look');
  });

  it('leaves a message without evidence alone unless the pool wants it retried, and then not at once', () => {
    expect(step(HOUR_MS, { kind: 'None' })).toBe('Wait');
    expect(step(11 * MINUTE_MS, { kind: 'None', isRetry: true })).toBe('Wait');
    expect(step(12 * MINUTE_MS, { kind: 'None', isRetry: true })).toBe('Retry');
  });
});

describe('what a look in the Sent folder means', () => {
  const searched = (isFound: boolean, isComplete = true): SentMailAnswer => ({
    kind: 'Searched',
    found: new Set(isFound ? [message.messageId] : ['z9@mail.example']),
    isComplete,
  });
  const judge = (
    answer: SentMailAnswer,
    knownForMs: number,
    facts: { kind?: EvidenceKind; isRetry?: boolean; ageMs?: number } = {},
  ) =>
    judgeLook({
      message,
      age: { knownForMs, ageMs: facts.ageMs ?? knownForMs },
      kind: facts.kind ?? 'Filed',
      uncertain: facts.isRetry ? 'Retry' : 'Report',
      answer,
      rules: EVIDENCE_RULES,
    });

  it.each([
    ['Filed', 10_000],
    ['Found', 10_000],
    ['Found', 48 * HOUR_MS],
  ] as const)('a message that is there was delivered (%s, after %i ms)', (kind, ageMs) => {
    expect(judge(searched(true, false), ageMs, { kind })).toBe('Delivered');
  });

  it('a message that is not there was not accepted, when the service files and its time is up', () => {
    expect(judge(searched(false), 12 * MINUTE_MS)).toBe('NotAccepted');
    expect(judge(searched(false), 24 * HOUR_MS)).toBe('NotAccepted');
  });

  it.each<[string, SentMailAnswer, number, EvidenceKind]>([
    ['too early', searched(false), 12 * MINUTE_MS - 1, 'Filed'],
    ['too late: somebody may have removed it', searched(false), 24 * HOUR_MS + 1, 'Filed'],
    ['an incomplete search', searched(false, false), HOUR_MS, 'Filed'],
    ['a service that does not file', searched(false), HOUR_MS, 'Found'],
    ['nobody answered', { kind: 'Unreachable', message: 'timeout' }, HOUR_MS, 'Filed'],
    ['the login was refused', { kind: 'Refused', message: 'no' }, HOUR_MS, 'Filed'],
  ])('absence proves nothing: %s', (_case, answer, ageMs, kind) => {
    expect(judge(answer, ageMs, { kind })).toBe('Open');
  });

  it('absence proves nothing too early or too late, wherever the clock of the ledger was set', () => {
    expect(judge(searched(false), 12 * MINUTE_MS - 1, { ageMs: 5 * HOUR_MS })).toBe('Open');
    expect(judge(searched(false), 12 * MINUTE_MS, { ageMs: 5 * HOUR_MS })).toBe('NotAccepted');
    expect(judge(searched(false), 12 * MINUTE_MS, { ageMs: 25 * HOUR_MS })).toBe('Open');
  });

  it('a pool that retries without evidence does so when absence proves nothing', () => {
    expect(judge(searched(false), 11 * MINUTE_MS, { kind: 'Found', isRetry: true })).toBe('Open');
    expect(judge(searched(false), 12 * MINUTE_MS, { kind: 'Found', isRetry: true })).toBe('Retry');
  });

  it('a pool that retries without evidence waits an hour for a mailbox that cannot be searched', () => {
    const answer = { kind: 'Unreachable', message: 'timeout' } as const;
    expect(judge(answer, HOUR_MS - 1, { isRetry: true })).toBe('Open');
    expect(judge(answer, HOUR_MS, { isRetry: true })).toBe('Retry');
  });
});
