import type { MailboxConsequence } from '../api/policy-document.ts';
import type {
  AccountConsequence,
  ConsequentReply,
  QuotaLedger,
  QuotaSubject,
  QuotaUsage,
  Reservation,
  ReserveAnswer,
  ReservationRestatement,
  ReserveRequest,
  Stop,
  WarmupStanding,
} from '../domain/ports/quota-ledger.ts';
import type { WindowShape } from '../domain/quota/rolling-window.ts';
import { LedgerUnavailable } from '../domain/ports/ledger.ts';
import { Batcher } from './batcher.ts';
import { list, number, oneOf, optionalNumber, text } from './reply.ts';
import type { Argument } from './scripts.ts';
import type { Store } from './store.ts';

const STOP_KINDS = ['WindowReset', 'CredentialChanges', 'DnsVerified', 'Human'] as const;
const DENIALS = ['Pacing', 'QuotaExhausted', 'QuotaExceededAtProvider', 'Stopped'] as const;
const STOPS = {
  untilWindowReset: 'WindowReset',
  untilCredentialChanges: 'CredentialChanges',
  untilDnsVerified: 'DnsVerified',
  untilHuman: 'Human',
} as const satisfies Record<NonNullable<MailboxConsequence['stop']>, Stop['kind']>;
/** A late call and a clock that moved look the same; a few attempts tell. */
const CLOCK_ATTEMPTS = 3;
/** Subjects that one script call is about: it must not keep the server busy for long, and client and server work at the same time. */
const BATCH = 32;
/** The state is taken to exist a little shorter than it does, so that its expiry is never taken for a loss. */
const LIFETIME_SLACK_MS = 1_000;

type Allowance = Pick<ReserveRequest, 'subject' | 'limits' | 'warmup'>;

/** Quotas in Redis: one script call per decision. See lua/quota-*.lua; the model is domain/quota. */
export class RedisQuotaLedger implements QuotaLedger {
  readonly #store: Store;
  readonly #shape: WindowShape;
  readonly #reserves: Batcher<ReserveRequest, ReserveAnswer>;
  readonly #usages: Batcher<Allowance, QuotaUsage>;

  constructor(store: Store, shape: WindowShape) {
    this.#store = store;
    this.#shape = shape;
    // Each subject has a hash tag of its own.
    const most = store.isOneNode ? BATCH : 1;
    this.#reserves = new Batcher((requests) => this.#reserveAll(requests), most);
    this.#usages = new Batcher((subjects) => this.#usageOf(subjects), most);
  }

  reserve(request: ReserveRequest): Promise<ReserveAnswer> {
    return this.#reserves.call(request);
  }

  async release(reservation: Reservation): Promise<void> {
    const { state, hour, marks, releases } = this.#store.keys.quota(reservation.subject);
    const slots = reservation.token
      .split('|')
      .slice(1)
      .flatMap((slot) => slot.split(':'));
    await this.#run(
      'quota-release',
      [state, hour, marks, releases],
      [reservation.token, reservation.recipients, this.#shape.slotsPerWindow, this.#shape.marginMs, ...slots],
    );
  }

  async applyConsequence(
    subject: QuotaSubject,
    consequence: AccountConsequence,
    reply: ConsequentReply,
  ): Promise<Stop | undefined> {
    const { state, hour, marks } = this.#store.keys.quota(subject);
    const answer = await this.#run(
      'quota-consequence',
      [state, hour, marks],
      [
        consequence.holdsWarmup === true ? 1 : 0,
        consequence.throttle?.factor ?? '',
        consequence.throttle?.maxConnections ?? '',
        consequence.flag ?? '',
        consequence.flagAfter ?? 1,
        consequence.stopAfter ?? '',
        consequence.stop === undefined ? '' : STOPS[consequence.stop],
        reply.minStopMs,
        reply.text,
        ...this.#allowance(reply),
      ],
    );
    const [kind, until, cause] = list(answer);
    return kind === undefined ? undefined : stopOf(kind, this.#ledgerTime(until), cause);
  }

  async resume(subject: QuotaSubject, kinds: readonly Stop['kind'][]): Promise<void> {
    const { state, marks } = this.#store.keys.quota(subject);
    await this.#run('quota-resume', [state, marks], kinds);
  }

  usage(subjects: readonly Allowance[]): Promise<QuotaUsage[]> {
    return Promise.all(subjects.map((subject) => this.#usages.call(subject)));
  }

  /** `lives`: those of servers in which nothing was lost of what is told, see lua/include/history.lua. */
  async restate(restatement: ReservationRestatement, lives: readonly string[] = []): Promise<number> {
    const { subject, reservations, nextAtMs } = restatement;
    const { state, hour, marks, restated } = this.#store.keys.quota(subject);
    const { slotsPerWindow, marginMs } = this.#shape;
    const reply = await this.#run(
      'quota-restate',
      [state, hour, marks, restated],
      [
        slotsPerWindow,
        marginMs,
        this.#steadyTime(nextAtMs),
        lives.length,
        ...lives,
        ...reservations.flatMap(({ reservation, isReleased }) => [
          reservation.token,
          reservation.recipients,
          isReleased ? 1 : 0,
        ]),
      ],
    );
    const answers = list(reply).map(number);
    const released = reservations.filter(({ isReleased }, index) => isReleased && answers[index] === 0);
    await Promise.all(released.map(({ reservation }) => this.release(reservation)));
    return reservations.filter(({ isReleased }, index) => !isReleased && answers[index] === 1).length;
  }

  async #reserveAll(requests: readonly ReserveRequest[]): Promise<ReserveAnswer[]> {
    const { keys, identity } = this.#store;
    const subjects = requests.map((request) => ({ request, state: keys.quota(request.subject).state }));
    const reply = await this.#run(
      'quota-reserve',
      this.#keysOf(requests),
      subjects.flatMap(({ request, state }) => [
        identity.seen(state),
        request.recipients,
        request.minIntervalMs,
        request.jitterMs,
        this.#steadyTime(request.spreadUntilMs),
        ...this.#allowance(request),
      ]),
    );
    const answers = list(reply);
    return subjects.map(({ request, state }, index) => this.#answerTo(request, state, answers[index]));
  }

  #answerTo({ subject, recipients }: ReserveRequest, state: string, reply: unknown): ReserveAnswer {
    const [verdict, second, third, fourth, lifetimeMs, connections] = list(reply);
    const maxConnections = optionalNumber(connections);
    if (verdict === 'denied') {
      const retryAtMs = this.#ledgerTime(third);
      return {
        granted: false,
        reason: oneOf(DENIALS, second),
        ...(retryAtMs !== undefined && { retryAtMs }),
        used: number(fourth),
      };
    }
    const { identity } = this.#store;
    identity.note(state, number(lifetimeMs) - LIFETIME_SLACK_MS);
    return {
      granted: true,
      reservation: { subject, recipients, token: text(fourth) },
      used: number(second),
      nextAtMs: number(third) - identity.clock.correctionMs,
      ...(maxConnections !== undefined && { maxConnections }),
    };
  }

  async #usageOf(subjects: readonly Allowance[]): Promise<QuotaUsage[]> {
    const allowances = subjects.flatMap((subject) => this.#allowance(subject));
    const answers = list(await this.#run('quota-usage', this.#keysOf(subjects), allowances));
    return subjects.map(({ subject }, index) => this.#usageIn(subject, answers[index]));
  }

  /** What a script that is about several subjects needs of each. */
  #keysOf(subjects: readonly { readonly subject: QuotaSubject }[]): string[] {
    return subjects.flatMap(({ subject }) => {
      const { state, hour, marks } = this.#store.keys.quota(subject);
      return [state, hour, marks];
    });
  }

  #usageIn(subject: QuotaSubject, reply: unknown): QuotaUsage {
    const [
      used,
      cap,
      learned,
      kind,
      until,
      cause,
      factor,
      nextSlot,
      ramp,
      growsAt,
      heldUntil,
      connections,
      ...flags
    ] = list(reply);
    const maxConnections = optionalNumber(connections);
    const warmup = this.#warmupOf(optionalNumber(ramp), growsAt, heldUntil);
    const learnedLimit = optionalNumber(learned);
    const nextSlotMs = this.#ledgerTime(nextSlot);
    return {
      subject,
      used: number(used),
      cap: optionalNumber(cap) ?? Number.MAX_SAFE_INTEGER,
      ...(learnedLimit !== undefined && { learnedLimit }),
      ...(kind !== '' && { stop: stopOf(kind, this.#ledgerTime(until), cause) }),
      flags: flags.map(text).sort(),
      throttleFactor: number(factor),
      ...(maxConnections !== undefined && { maxConnections }),
      ...(warmup !== undefined && { warmup }),
      ...(nextSlotMs !== undefined && { nextSlotMs }),
    };
  }

  #warmupOf(
    recipientsPerDay: number | undefined,
    growsAt: unknown,
    heldUntil: unknown,
  ): WarmupStanding | undefined {
    const [growsAtMs, heldUntilMs] = [this.#ledgerTime(growsAt), this.#ledgerTime(heldUntil)];
    if (recipientsPerDay === undefined || growsAtMs === undefined) return undefined;
    return { recipientsPerDay, growsAtMs, ...(heldUntilMs !== undefined && { heldUntilMs }) };
  }

  /** Runs a script with the steady clock's correction and expectation. A clock that moved is looked at, and the script asked again. */
  async #run(name: string, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const { identity } = this.#store;
    const withClock = (): Argument[] => [identity.clock.correctionMs, identity.clock.expectedMs(), ...args];
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#store.run(name, keys, withClock());
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('CLOCKMOVED'))) throw error;
        if (attempt === CLOCK_ATTEMPTS)
          throw new LedgerUnavailable(`ledger unavailable: ${error.message}`, { cause: error });
      }
      await identity.lookAgain();
    }
  }

  /** Quotas are kept by the steady clock; what they answer is told by the ledger's clock, as all times. */
  #ledgerTime(steadyMs: unknown): number | undefined {
    const ms = optionalNumber(steadyMs);
    return ms === undefined ? undefined : ms - this.#store.identity.clock.correctionMs;
  }

  #steadyTime(ledgerMs: number | undefined): Argument {
    return ledgerMs === undefined ? '' : ledgerMs + this.#store.identity.clock.correctionMs;
  }

  #allowance(of: Pick<Allowance, 'limits' | 'warmup'>): Argument[] {
    const { warmup, limits } = of;
    return [
      warmup?.startRecipientsPerDay ?? '',
      warmup?.growthPercentPerDay ?? '',
      this.#steadyTime(warmup?.startMs),
      this.#shape.slotsPerWindow,
      this.#shape.marginMs,
      limits.length,
      ...limits.flatMap((limit) => [limit.name, limit.windowMs, limit.recipients]),
    ];
  }
}

function stopOf(kind: unknown, untilMs: number | undefined, cause: unknown): Stop {
  return { kind: oneOf(STOP_KINDS, kind), ...(untilMs !== undefined && { untilMs }), text: text(cause) };
}
