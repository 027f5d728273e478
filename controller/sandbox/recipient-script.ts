import { hash } from 'node:crypto';
import type { RecipientRule, SandboxService } from '../api/sandbox-config.ts';
import { isAtMail } from '../api/sandbox-config.ts';

/** Where a rule is looked for: at MAIL FROM the recipient is not known yet. */
export interface ScriptQuery {
  readonly service: SandboxService;
  readonly sender: string;
  readonly recipient: string | undefined;
}

interface CompiledRule {
  readonly rule: RecipientRule;
  readonly fits: (query: ScriptQuery) => boolean;
  readonly attempts: Map<string, number>;
}

/** Decides how recipients behave: the same for every attempt and every run with the same seed. */
export class RecipientScript {
  readonly #rules: readonly CompiledRule[];

  constructor(rules: readonly RecipientRule[], seed: string) {
    let band = 0;
    this.#rules = rules.map((rule) => {
      const start = band;
      band += rule.match.percent ?? 0;
      return { rule, fits: compile(rule, seed, start), attempts: new Map() };
    });
  }

  /** The rule for this attempt, which is thereby counted; undefined when the mail goes through. */
  next(query: ScriptQuery): RecipientRule | undefined {
    const found = this.#rules.find(({ fits }) => fits(query));
    if (found === undefined) return undefined;
    const { rule, attempts } = found;
    if (rule.times === undefined) return rule;
    const key = (query.recipient ?? query.sender).toLowerCase();
    const attempt = (attempts.get(key) ?? 0) + 1;
    attempts.set(key, attempt);
    return attempt <= rule.times ? rule : undefined;
  }
}

/** A number in [0, 100) that only the seed and the address decide, upper and lower case alike. */
export function percentilePosition(seed: string, address: string): number {
  const digest = hash('sha256', `${seed}\n${address.toLowerCase()}`);
  return (Number.parseInt(digest.slice(0, 8), 16) / 2 ** 32) * 100;
}

/**
 * Percentages lie side by side on one scale from 0 to 100, so that `5 % unknown` and `3 % full` hit different
 * recipients and exactly so many; beyond 100 they start again from 0.
 */
function isWithinBand(position: number, start: number, percent: number): boolean {
  return (((position - start) % 100) + 100) % 100 < percent;
}

function compile(
  { match, service, ...rule }: RecipientRule,
  seed: string,
  bandStart: number,
): CompiledRule['fits'] {
  const address = match.address?.toLowerCase();
  const sender = match.sender?.toLowerCase();
  const domain = match.domain?.toLowerCase();
  const localPart = match.localPart === undefined ? undefined : wildcard(match.localPart);
  const { percent } = match;
  const isForMail = isAtMail(rule);
  const checks: ((query: ScriptQuery) => boolean)[] = [
    (query) => isForMail === (query.recipient === undefined),
  ];
  if (service !== undefined) checks.push((query) => query.service === service);
  if (sender !== undefined) checks.push((query) => query.sender.toLowerCase() === sender);
  if (address !== undefined) checks.push(({ recipient = '' }) => recipient.toLowerCase() === address);
  if (domain !== undefined) checks.push(({ recipient = '' }) => domainOf(recipient).toLowerCase() === domain);
  if (localPart !== undefined) checks.push(({ recipient = '' }) => localPart.test(localPartOf(recipient)));
  if (percent !== undefined)
    checks.push(({ recipient = '' }) =>
      isWithinBand(percentilePosition(seed, recipient), bandStart, percent),
    );
  return (query) => checks.every((check) => check(query));
}

function wildcard(pattern: string): RegExp {
  const literals = pattern.split('*').map((literal) => literal.replaceAll(/[\\^$.+?()[\]{}|/]/g, '\\$&'));
  return new RegExp(`^${literals.join('.*')}$`, 'iu');
}

function localPartOf(address: string): string {
  return address.slice(0, Math.max(0, address.lastIndexOf('@')));
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
