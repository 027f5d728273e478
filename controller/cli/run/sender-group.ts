import { randomBytes, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Plan } from '../../api/plan.ts';
import type { Policy } from '../../domain/policy/policy.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import type { Ledger } from '../../domain/ports/ledger.ts';
import type { Credentials } from '../../domain/ports/route.ts';
import { DEFAULT_IMAP_TIMEOUTS, ImapSentMail } from '../../sender/evidence/imap/imap-sent-mail.ts';
import { PoolSender } from '../../sender/pool-sender.ts';
import { smtpRouteOpener } from '../../sender/routes/smtp/smtp-route-opener.ts';
import { DEFAULT_SMTP_TIMEOUTS } from '../../sender/routes/smtp/smtp-route.ts';

export interface SenderGroupParts {
  readonly ledger: Ledger;
  readonly policy: Policy;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly hostName: string;
  readonly log: Logger;
  /** Only these routes; undefined = all of the pool. */
  readonly routes?: readonly string[];
}

interface Running {
  readonly sender: PoolSender;
  readonly ended: Promise<void>;
}

/** The pool senders of this process, one per plan. */
export class SenderGroup {
  readonly #parts: SenderGroupParts;
  readonly #running = new Map<string, Running>();
  #break: (error: unknown) => void = () => undefined;
  /** Never resolves; rejects when a sender breaks for a reason that nobody foresaw. */
  readonly broken: Promise<never>;

  constructor(parts: SenderGroupParts) {
    this.#parts = parts;
    this.broken = new Promise((_, reject) => {
      this.#break = reject;
    });
  }

  /** Starts senders for new pools and drains those of pools that are gone. Plans themselves reach the senders through the ledger. */
  async follow(plans: readonly Pick<Plan, 'namespace' | 'pool'>[]): Promise<void> {
    const wanted = new Map(plans.map((plan) => [`${plan.namespace}/${plan.pool}`, plan]));
    const gone = [...this.#running.keys()].filter((name) => !wanted.has(name));
    await Promise.all(gone.map((name) => this.#stop(name)));
    for (const [name, plan] of wanted) if (!this.#running.has(name)) this.#start(name, plan);
  }

  /** Drains all: nothing new is claimed, what is on the wire is finished. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.#stop(name)));
  }

  #start(name: string, plan: Pick<Plan, 'namespace' | 'pool'>): void {
    const { ledger, policy, credentials, clock, hostName, log, routes } = this.#parts;
    const { namespace, pool } = plan;
    const sender = new PoolSender({
      pool: { namespace, pool },
      ledger,
      policy,
      credentials,
      clock,
      open: smtpRouteOpener({
        namespace,
        credentials,
        clientName: hostName,
        timeouts: DEFAULT_SMTP_TIMEOUTS,
      }),
      sentMail: new ImapSentMail({ namespace, credentials, timeouts: DEFAULT_IMAP_TIMEOUTS }),
      random: secureRandom,
      newSenderId: () => `${hostName}-${randomUUID()}`,
      log: log.child({ pool: name }),
      ...(routes ? { routes } : {}),
    });
    this.#running.set(name, { sender, ended: sender.run().catch((error: unknown) => this.#break(error)) });
  }

  async #stop(name: string): Promise<void> {
    const running = this.#running.get(name);
    this.#running.delete(name);
    running?.sender.stop();
    await running?.ended;
  }
}

/** A number in [0, 1) from the system's generator: jitter that several replicas do not share. */
function secureRandom(): number {
  return randomBytes(4).readUInt32BE(0) / 2 ** 32;
}
