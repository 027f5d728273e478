import { setTimeout as sleep } from 'node:timers/promises';
import { LedgerUnavailable } from '../../controller/domain/ports/ledger.ts';
import { suppressionListManifest } from '../builders/manifest.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { campaign, csv, esp, mailbox, pool, template } from '../fleet/fleet-manifests.ts';
import { CLUB, recipients } from './audience.ts';

/** Limits that all routes share: of the pool, and of what it sends to one domain. */
export const SHARED_LIMITS = ['pool', CLUB] as const;
export type SharedLimit = (typeof SHARED_LIMITS)[number];

/** What a person has declared; edits change it. */
export interface Declared {
  readonly caps: Map<string, number>;
  /** Recipients per window. */
  readonly sharedLimits: Map<SharedLimit, number>;
  readonly esps: readonly string[];
  readonly espPerSecond: number;
  /** Campaigns with their number of recipients, which are the same people. */
  readonly campaigns: Map<string, number>;
  /** Names of mailboxes and campaigns, and `pool`. */
  readonly suspended: Set<string>;
  readonly blocked: Set<string>;
}

/** When an edit was begun and when it was in force. */
export interface EditTimes {
  readonly beganMs: number;
  readonly inForceMs: number;
}

const RETRY_MS = 50;

/** The manifests of a run, edited one edit at a time as in Git. */
export class Declaration {
  readonly declared: Declared;
  readonly #fleet: Fleet;
  #last: Promise<unknown> = Promise.resolve();

  constructor(fleet: Fleet, declared: Declared) {
    this.#fleet = fleet;
    this.declared = declared;
  }

  /** Makes an edit and brings it into force, through outages of the ledger. */
  edit(change: (declared: Declared) => void): Promise<EditTimes> {
    const edited = this.#last.then(async () => {
      change(this.declared);
      const beganMs = Date.now();
      await this.#write();
      await this.#publish();
      return { beganMs, inForceMs: Date.now() };
    });
    this.#last = edited;
    return edited;
  }

  async #publish(): Promise<void> {
    for (;;) {
      try {
        return await this.#fleet.publish();
      } catch (error) {
        if (!(error instanceof LedgerUnavailable)) throw error;
        await sleep(RETRY_MS);
      }
    }
  }

  async #write(): Promise<void> {
    const { caps, sharedLimits, esps, espPerSecond, campaigns, suspended, blocked } = this.declared;
    const { sandbox } = this.#fleet;
    const mailboxes = [...caps].map(([name, recipientsPerDay]) =>
      mailbox(sandbox, name, { quota: { recipientsPerDay }, suspend: suspended.has(name) }),
    );
    const relays = esps.map((name) => esp(sandbox, name, { messagesPerSecond: espPerSecond }));
    const suspend = suspended.has('pool');
    await this.#fleet.write(
      'pool.yaml',
      ...mailboxes,
      ...relays,
      pool([...caps.keys()], esps, {
        suppressionLists: ['blocked'],
        suspend,
        limits: { recipientsPerDay: sharedLimits.get('pool') },
        recipientDomainLimits: [{ domain: CLUB, recipientsPerDay: sharedLimits.get(CLUB) }],
      }),
      suppressionListManifest({ addresses: [...blocked] }),
      template,
    );
    for (const [name, count] of campaigns) {
      await this.#fleet.writeText(`${name}.csv`, csv(recipients(count)));
      const audience = { file: { path: `${name}.csv` } };
      await this.#fleet.write(`${name}.yaml`, campaign([], { audience, suspend: suspended.has(name) }, name));
    }
  }
}
