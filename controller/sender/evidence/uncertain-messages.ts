import type { Logger } from 'pino';
import type { Plan, PlanMailbox, PlanRoute } from '../../api/plan.ts';
import {
  evidenceKind,
  judgeLook,
  nextEvidenceStep,
  type EvidenceKind,
  type EvidenceRules,
  type Finding,
} from '../../domain/evidence.ts';
import type { SentMail } from '../../domain/ports/evidence.ts';
import type { PoolKey, QueueLedger, UncertainMessage } from '../../domain/ports/queue-ledger.ts';
import { keyedFor, type Keyed } from '../../domain/repeat.ts';
import { followUpOf } from '../plan-lookup.ts';
import { LookHistory, type LookClocks } from './look-history.ts';

/** How many Uncertain messages are read in one round; those of the mailboxes are among them unless ESPs left thousands. */
const READ_LIMIT = 10_000;
/** How many messages are looked for over one connection, and in how many mailboxes at a time. */
const MESSAGES_PER_LOOK = 100;
const MAILBOXES_AT_A_TIME = 4;

export interface UncertainMessagesParts {
  readonly pool: PoolKey;
  readonly queue: Pick<QueueLedger, 'uncertain' | 'resolve'>;
  readonly sentMail: SentMail;
  readonly rules: EvidenceRules;
  readonly log: Logger;
  readonly clocks: LookClocks;
}

/** What holds for one round. */
interface Round {
  readonly plan: Plan;
  readonly signal: AbortSignal;
}

/** Seeks evidence for the Uncertain messages of the routes that this sender owns, and moves them on when there is some. */
export class UncertainMessages {
  readonly #parts: UncertainMessagesParts;
  readonly #history: LookHistory;
  #retriedWithoutEvidence = 0;

  constructor(parts: UncertainMessagesParts) {
    this.#parts = parts;
    this.#history = new LookHistory(parts.clocks);
  }

  /**
   * One round over the routes in `owned`: the owner of a lane looks, so that nobody logs in beside it. Rejects only when the ledger does;
   * a mailbox that cannot be searched is left alone for a while, its lane never notices.
   */
  async tend(plan: Plan, owned: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    const uncertain = await this.#parts.queue.uncertain(this.#parts.pool, READ_LIMIT);
    this.#history.keepOnly(uncertain);
    if (uncertain.length === 0) return;
    const byRoute = Map.groupBy(uncertain, ({ route }) => route);
    const routes = [...plan.mailboxes, ...plan.esps];
    const waiting = routes.filter(({ route }) => owned.has(route) && byRoute.has(route));
    const tendNext = async (): Promise<void> => {
      for (let next = waiting.shift(); next && !signal.aborted; next = waiting.shift())
        await this.#tendRoute(next, byRoute.get(next.route) ?? [], { plan, signal });
    };
    await Promise.all(Array.from({ length: MAILBOXES_AT_A_TIME }, tendNext));
  }

  async #tendRoute(route: PlanRoute, messages: readonly UncertainMessage[], round: Round): Promise<void> {
    const { rules, clocks } = this.#parts;
    const kind = evidenceKind(route, rules);
    const { uncertain } = round.plan;
    const toLookFor: UncertainMessage[] = [];
    for (const message of messages) {
      const [age, looks] = [this.#history.ageOf(message), this.#history.looksFor(message)];
      const keyed = keyOf(route, message);
      const nowMs = clocks.now();
      const step = nextEvidenceStep({ message, age, kind, uncertain, looks, keyed, nowMs, rules });
      if (step === 'Repeat' && !route.suspended) await this.#resolve(round.plan, message, 'Repeat');
      if (step === 'Retry') await this.#resolve(round.plan, message, 'Retry');
      if (step === 'Look') toLookFor.push(message);
    }
    if (route.kind !== 'Mailbox' || toLookFor.length === 0 || this.#history.isLeftAlone(route.route)) return;
    await this.#look(route, toLookFor.slice(0, MESSAGES_PER_LOOK), { ...round, kind });
  }

  async #look(
    mailbox: PlanMailbox,
    messages: readonly UncertainMessage[],
    { plan, signal, kind }: Round & { readonly kind: EvidenceKind },
  ): Promise<void> {
    const { sentMail, rules, log } = this.#parts;
    // What is filed while we look is not seen: absence counts from the beginning of the look.
    const looked = messages.map((message) => ({ message, age: this.#history.ageOf(message) }));
    const ids = messages.map(({ messageId }) => messageId);
    const answer = await sentMail.search(mailbox, ids, signal);
    if (signal.aborted) return;
    const pauseMs = this.#history.noteAnswer(mailbox.route, answer.kind);
    if (answer.kind !== 'Searched')
      log.warn({ route: mailbox.route, pauseMs }, `No evidence about Uncertain messages: ${answer.message}`);
    for (const { message, age } of looked) {
      if (answer.kind === 'Searched') this.#history.noteLook(message, age);
      const facts = { message, age, kind, uncertain: plan.uncertain, rules, answer };
      await this.#resolve(plan, message, judgeLook(facts));
    }
  }

  async #resolve(plan: Plan, message: UncertainMessage, finding: Finding | 'Repeat'): Promise<void> {
    if (finding === 'Open') return;
    const { queue, pool, log } = this.#parts;
    const answer =
      finding === 'Delivered'
        ? await queue.resolve(pool, message.key, 'Delivered', followUpOf(plan, message.key))
        : await queue.resolve(pool, message.key, finding === 'Repeat' ? 'Repeat' : 'NotAccepted');
    // Its own sender came back with the end of it.
    if (answer === 'Fenced') return;
    const facts = { ...message.key, route: message.route, messageId: message.messageId };
    if (finding === 'Delivered') log.info(facts, 'Uncertain message is in the Sent folder: Delivered');
    if (finding === 'NotAccepted')
      log.info(facts, 'Uncertain message is not in the Sent folder, where it would be: back to the queue');
    if (finding === 'Repeat')
      log.info(
        facts,
        'Uncertain message is handed over again with its idempotency key, so that it arrives once',
      );
    if (finding === 'Retry') {
      this.#retriedWithoutEvidence += 1;
      const count = this.#retriedWithoutEvidence;
      log.warn(
        { ...facts, retriedWithoutEvidence: count },
        'Uncertain message is sent again without evidence, as spec.uncertain: Retry says; it may arrive twice',
      );
    }
  }
}

function keyOf(route: PlanRoute, { keyedMs }: UncertainMessage): Keyed | undefined {
  if (route.kind !== 'ESP' || keyedMs === undefined) return undefined;
  return keyedFor(route.idempotency, keyedMs);
}
