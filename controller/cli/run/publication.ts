import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Plan } from '../../api/plan.ts';
import { AudienceUnreadable } from '../../domain/audience/audience-unreadable.ts';
import type { AudienceRequest } from '../../domain/compile/compilation.ts';
import type { Ledger } from '../../domain/ports/ledger.ts';
import type { Credentials } from '../../domain/ports/route.ts';
import { importAudience } from './audience-import.ts';
import type { Declared } from './manifest-source.ts';
import type { AudienceProblem } from './report-source.ts';

export interface PublicationParts {
  readonly ledger: Ledger;
  readonly credentials: Credentials;
  readonly log: Logger;
}

/** Writes what was compiled into the ledger, in the order in which it must become true. */
export class Publication {
  readonly #parts: PublicationParts;
  #previous: readonly Plan[] = [];

  constructor(parts: PublicationParts) {
    this.#parts = parts;
  }

  /**
   * Suppression first, so that no plan is in force without it; then the plans, so that a suspension acts at once; then what takes
   * long: the audiences. Rejects with LedgerUnavailable: call again, everything is a no-op that was done before.
   */
  async publish({ compilation, audienceFiles }: Declared): Promise<AudienceProblem[]> {
    const { ledger } = this.#parts;
    for (const { namespace, list, revision, addresses, domains } of compilation.suppression) {
      await ledger.suppression.publish(namespace, list, { revision, addresses, domains });
    }
    for (const plan of compilation.plans) await ledger.plans.publish(plan);
    await this.#withdraw(compilation.plans);
    const problems: AudienceProblem[] = [];
    for (const request of compilation.audiences) {
      const file = audienceFiles.get(`${request.key.namespace}/${request.key.campaign}`) ?? '';
      const problem = await this.#import(request, file);
      if (problem) problems.push(problem);
    }
    this.#previous = compilation.plans;
    return problems;
  }

  /** What is no longer declared: pools stop, unsent messages of campaigns are cancelled. */
  async #withdraw(plans: readonly Plan[]): Promise<void> {
    const { ledger, log } = this.#parts;
    for (const old of this.#previous) {
      const now = plans.find((plan) => plan.namespace === old.namespace && plan.pool === old.pool);
      if (!now) await ledger.plans.withdraw({ namespace: old.namespace, pool: old.pool });
      const declared = new Set(now?.campaigns.map(({ name }) => name));
      for (const { name } of old.campaigns.filter((campaign) => !declared.has(campaign.name))) {
        const cancelled = await ledger.audience.cancel({
          namespace: old.namespace,
          pool: old.pool,
          campaign: name,
        });
        log.info(
          { campaign: name, cancelled },
          'Campaign is no longer declared; unsent messages are cancelled',
        );
      }
    }
  }

  async #import(request: AudienceRequest, file: string): Promise<AudienceProblem | undefined> {
    const { ledger, log } = this.#parts;
    try {
      const imported = await importAudience(ledger.audience, request, await this.#content(request, file));
      if (imported.isChanged) {
        log.info(
          { campaign: request.key.campaign, ...imported.counts, rejected: imported.rejected },
          'Audience imported',
        );
      }
      return undefined;
    } catch (error) {
      if (error instanceof AudienceUnreadable) return { key: request.key, message: error.message };
      throw error;
    }
  }

  async #content(request: AudienceRequest, file: string): Promise<string> {
    const { location } = request;
    if (location.kind === 'Text') return location.text;
    if (location.kind === 'Secret') {
      const data = await this.#parts.credentials.read(location.namespace, location.name);
      const text = data?.[location.key];
      if (text !== undefined) return text;
      throw new AudienceUnreadable(
        `Secret ${location.namespace}/${location.name} has no key "${location.key}"`,
      );
    }
    return readFile(file, 'utf8').catch((error: Error) => {
      throw new AudienceUnreadable(`file ${location.path} cannot be read: ${error.message}`);
    });
  }
}
