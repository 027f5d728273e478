import type { PlanEsp } from '../../api/plan.ts';
import type { EmailServiceProvider } from '../../api/resource.ts';
import { espProfile } from '../policy/provider-profile.ts';
import type { Finding } from './problem.ts';
import { rollingLimits } from './rolling-limits.ts';
import { checkEndpoint, routeEndpoint } from './route-endpoint.ts';
import type { RouteSurroundings } from './route-surroundings.ts';
import { checkSecret } from './secret-reference.ts';

/** An e-mail service provider as the plan states it, before its weight in a pool, and what is wrong with it. */
export interface CompiledEsp {
  readonly plan: Omit<PlanEsp, 'blocked' | 'weight'>;
  readonly findings: readonly Finding[];
}

/** One e-mail service provider as a route. */
export function espRoute(esp: EmailServiceProvider, surroundings: RouteSurroundings): CompiledEsp {
  const { index, policy, windowMs } = surroundings;
  const { spec, metadata } = esp;
  const { namespace, name } = metadata;
  const defaults = espProfile(policy, spec.provider);
  const endpoint = routeEndpoint(spec.smtp, defaults);
  const { name: secretName, usernameKey, passwordKey } = spec.auth.secretRef;
  return {
    plan: {
      kind: 'ESP',
      route: `esp/${name}`,
      name,
      provider: spec.provider,
      endpoint,
      auth: { method: 'UserPassword', secretName, usernameKey, passwordKey },
      quotaSubject: `esp:${namespace}/${name}`,
      limits: rollingLimits(spec.quota?.recipientsPerDay, spec.quota?.recipientsPerHour, windowMs),
      minIntervalMs: Math.ceil(1000 / spec.messagesPerSecond),
      jitterMs: 0,
      maxConnections: spec.maxConnections,
      maxMessagesPerConnection: defaults.maxMessagesPerConnection,
      suspended: spec.suspend,
      ...(spec.from === undefined
        ? {}
        : { from: { address: spec.from.address, displayName: spec.from.displayName ?? '' } }),
      domains: (spec.domains ?? []).map((domain) => domain.toLowerCase()),
      ...(defaults.idempotency && { idempotency: defaults.idempotency }),
    },
    findings: [
      ...checkSecret(index, {
        namespace,
        name: secretName,
        keys: [...new Set([usernameKey, passwordKey])],
        field: 'spec.auth.secretRef',
      }),
      ...checkEndpoint(index, namespace, endpoint),
    ],
  };
}
