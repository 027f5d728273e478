import type { Plan, PlanRoute } from '../api/plan.ts';
import type { SentMailAnswer } from './ports/evidence.ts';
import type { UncertainMessage } from './ports/queue-ledger.ts';
import { isRemembered, type Keyed } from './repeat.ts';

/** A service that puts every message it accepts into the sender's Sent folder itself, and keeps its Message-ID. */
interface FilingService {
  readonly submissionHost: string;
  readonly imapHost: string;
}

/** When Uncertain messages are looked for, and what an empty search means. */
export interface EvidenceRules {
  /** How often the Uncertain messages are gone through. */
  readonly intervalMs: number;
  /** First look after this process has known of it for so long; then again and again with growing pauses. */
  readonly firstLookMs: number;
  /**
   * From when on a message that is not in the Sent folder was not accepted, and from when on a pool may retry without evidence: after this
   * process has known of it for so long. What somebody sets clocks to must not make it believed too early, or wait.
   */
  readonly absentFromMs: number;
  /** Until when after `begin` that may be concluded; later, a person or a rule of the account may have removed it. Looking ends then too. */
  readonly absentUntilMs: number;
  /** How long a mailbox that cannot be searched is waited for before a pool that retries without evidence does so. */
  readonly unseenUntilMs: number;
  readonly filingServices: readonly FilingService[];
}

/** A provider files within seconds, but nobody documents how soon: the search index may lag behind too. */
const FILING_MS = 120_000;
/**
 * A sender that was stopped in mid-conversation and wakes up can still hand its message over until the service hangs up on it:
 * after at least 5 minutes (RFC 5321 §4.5.3.2.7), with Exchange after 10 by default (ConnectionInactivityTimeout).
 */
const CONVERSATION_MS = 600_000;
const HOUR_MS = 3_600_000;

export const EVIDENCE_RULES: EvidenceRules = {
  intervalMs: 5_000,
  firstLookMs: 10_000,
  absentFromMs: CONVERSATION_MS + FILING_MS,
  absentUntilMs: 24 * HOUR_MS,
  unseenUntilMs: HOUR_MS,
  /**
   * Google copies what its SMTP server for mailboxes takes into Sent Mail (support.google.com/mail/answer/78892); its relay
   * (smtp-relay.gmail.com) does not. Microsoft files too, but may give a message another Message-ID, so a search that finds nothing proves
   * nothing there. Other services do not file at all: mail programs do.
   */
  filingServices: [{ submissionHost: 'smtp.gmail.com', imapHost: 'imap.gmail.com' }],
};

/** Longest pause between two looks for the same message. */
const LONGEST_PAUSE_MS = HOUR_MS;

/**
 * `Filed`: the service files what it accepts, so that absence is evidence too. `Found`: only presence is. `Keyed`: it sends once what comes
 * twice with the same idempotency key, so that it may be asked again. `None`: nowhere to look.
 */
export type EvidenceKind = 'Filed' | 'Found' | 'Keyed' | 'None';

/** What can be learnt about messages that left by a route. */
export function evidenceKind(route: PlanRoute, rules: EvidenceRules): EvidenceKind {
  if (route.blocked) return 'None';
  if (route.kind === 'ESP') return route.idempotency ? 'Keyed' : 'None';
  if (!route.imap) return 'None';
  const { host } = route.imap;
  const isFiled = rules.filingServices.some(
    ({ submissionHost, imapHost }) => submissionHost === route.endpoint.host && imapHost === host,
  );
  return isFiled ? 'Filed' : 'Found';
}

/** How old an Uncertain message is, ms. */
export interface UncertainAge {
  /** For how long this process has known of it, by a clock that nobody sets: it is at least so old. */
  readonly knownForMs: number;
  /** Since its attempt began, as far as the ledger's clock tells. */
  readonly ageMs: number;
}

/** Looks for one message so far. */
export interface Looks {
  readonly count: number;
  /** How old it was at the last one. */
  readonly last: UncertainAge;
}

interface Facts {
  readonly age: UncertainAge;
  readonly kind: EvidenceKind;
  /** What the pool wants done without evidence. */
  readonly uncertain: Plan['uncertain'];
  readonly rules: EvidenceRules;
}

/**
 * `Look`: search the mailbox now. `Repeat`: hand it over once more with its key. `Retry`: back to the queue without evidence, as the pool
 * wants. `Wait`: nothing now.
 */
export type EvidenceStep = 'Look' | 'Repeat' | 'Retry' | 'Wait';

interface StepFacts extends Facts {
  readonly message: Pick<UncertainMessage, 'beganMs'>;
  /** Ledger's clock. */
  readonly nowMs: number;
  readonly looks: Looks | undefined;
  /** The key that the message carried; undefined = none, or the route knows none any more. */
  readonly keyed: Keyed | undefined;
}

/** What to do now with an Uncertain message. */
export function nextEvidenceStep(facts: StepFacts): EvidenceStep {
  const { message, age, kind, uncertain, looks, keyed, nowMs, rules } = facts;
  const { knownForMs } = age;
  const withoutEvidence = uncertain === 'Retry' ? 'Retry' : 'Wait';
  if (kind === 'Keyed' && isRemembered(keyed, nowMs)) {
    return knownForMs >= repeatPauseMs(message.beganMs - keyed.keyedMs, rules) ? 'Repeat' : 'Wait';
  }
  if (kind === 'None' || kind === 'Keyed') return knownForMs >= rules.absentFromMs ? withoutEvidence : 'Wait';
  if (!looks) return knownForMs >= rules.firstLookMs ? 'Look' : 'Wait';
  if (looks.last.ageMs > rules.absentUntilMs) return withoutEvidence;
  return knownForMs >= nextLookMs(looks, rules) ? 'Look' : 'Wait';
}

/** For how long it must be known for the next look. Pauses double, but the look from which absence counts is not put off. */
function nextLookMs({ count, last: { knownForMs } }: Looks, rules: EvidenceRules): number {
  const next = knownForMs + Math.min(rules.firstLookMs * 2 ** (count - 1), LONGEST_PAUSE_MS);
  return knownForMs < rules.absentFromMs ? Math.min(next, rules.absentFromMs) : next;
}

/** As long again after its last attempt as it had been Uncertain then, whoever repeated it: the pauses double. */
function repeatPauseMs(sinceFirstMs: number, rules: EvidenceRules): number {
  return Math.min(Math.max(rules.firstLookMs, sinceFirstMs), LONGEST_PAUSE_MS);
}

/** `Delivered` and `NotAccepted` are evidence; `Retry` is the pool's wish in the absence of it; `Open` = not known yet. */
export type Finding = 'Delivered' | 'NotAccepted' | 'Retry' | 'Open';

interface LookFacts extends Facts {
  readonly message: Pick<UncertainMessage, 'messageId'>;
  readonly answer: SentMailAnswer;
}

/**
 * What a look means. A message that is there was accepted. One that is not was refused only when the service files everything, the search
 * was complete, and neither too early nor too late.
 */
export function judgeLook(facts: LookFacts): Finding {
  const { message, age, kind, uncertain, answer, rules } = facts;
  const { knownForMs, ageMs } = age;
  const withoutEvidence = uncertain === 'Retry' ? 'Retry' : 'Open';
  if (answer.kind !== 'Searched') return knownForMs >= rules.unseenUntilMs ? withoutEvidence : 'Open';
  if (answer.found.has(message.messageId)) return 'Delivered';
  if (knownForMs < rules.absentFromMs) return 'Open';
  const isProof = kind === 'Filed' && answer.isComplete && ageMs <= rules.absentUntilMs;
  return isProof ? 'NotAccepted' : withoutEvidence;
}
