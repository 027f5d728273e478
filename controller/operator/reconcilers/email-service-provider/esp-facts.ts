import type { EspFacts } from '../../../domain/status/esp-status.ts';
import type { CompiledNamespace } from '../../compilation/compiled-namespace.ts';
import type { KnownPool } from '../../facts/pool-facts.ts';

/** What the plans and the ledger say of a provider: pure. */
export function espFacts(
  compiled: CompiledNamespace,
  name: string,
  factsOf: (pool: string) => KnownPool | undefined,
): Omit<EspFacts, 'esp'> {
  const placed = compiled.esps.get(name) ?? [];
  const places = placed.map(({ pool, part: route }) => {
    const facts = factsOf(pool);
    const lane = facts?.lanes.get(route.route);
    const counters = facts?.counters.get(route.route);
    return {
      pool,
      route,
      isUnserved: compiled.unserved.has(pool),
      ...(lane === undefined ? {} : { lane }),
      ...(counters === undefined ? {} : { counters }),
    };
  });
  const [first] = placed;
  const usage = first && factsOf(first.pool)?.usage.get(first.part.quotaSubject);
  return usage === undefined ? { places } : { places, usage };
}
