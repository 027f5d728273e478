import type { CelRule } from '../../api/field.ts';

/** A rule as the API server takes it. */
interface RatchetingRule extends CelRule {
  readonly optionalOldSelf?: true;
}

/**
 * Lets an object that a newer rule would refuse be edited elsewhere. By itself the API server forgives a violated rule
 * only while the whole value that carries it is unchanged; for a rule about several fields of a spec that would mean
 * that not even `suspend` could be set. This one is forgiven while the fields that it reads are unchanged.
 */
export function ratcheting(rule: CelRule): RatchetingRule {
  const fields = new Set([...rule.rule.matchAll(/\bself\.(\w+)/g)].map(([, field = '']) => field));
  if (fields.size === 0 || /\boldSelf\b/.test(rule.rule)) return rule;
  const unchanged = [...fields].map(sameAsBefore);
  return {
    ...rule,
    rule: `(${rule.rule}) || (oldSelf.hasValue() && ${unchanged.join(' && ')})`,
    optionalOldSelf: true,
  };
}

/** Spelled out: the cost of comparing two optionals (`oldSelf.?x == self.?x`) is estimated as if it had no bound. */
function sameAsBefore(field: string): string {
  const [before, now] = [`oldSelf.value().${field}`, `self.${field}`];
  return `has(${before}) == has(${now}) && (!has(${now}) || ${before} == ${now})`;
}
