import type { PlanEndpoint } from '../../api/plan.ts';
import type { MailboxSpec } from '../../api/mailbox.ts';
import type { SubmissionDefaults } from '../policy/provider-profile.ts';
import { blocking, type Finding } from './problem.ts';
import type { ResourceIndex } from './resource-index.ts';
import { checkSecret } from './secret-reference.ts';

type DeclaredEndpoint = NonNullable<MailboxSpec['smtp']>;

/** Port 465 speaks TLS from the first byte (RFC 8314 §7.3), whatever else a provider offers. */
const IMPLICIT_TLS_PORT = 465;

function tlsMode(declared: DeclaredEndpoint, defaults: SubmissionDefaults): PlanEndpoint['tls'] {
  if (declared.tls !== undefined) return declared.tls;
  if (declared.port === undefined) return defaults.tls;
  return declared.port === IMPLICIT_TLS_PORT ? 'Implicit' : 'StartTls';
}

/** The endpoint as the plan states it: what the manifest says, else what the provider's profile says. */
export function routeEndpoint(
  declared: DeclaredEndpoint | undefined,
  defaults: SubmissionDefaults,
): PlanEndpoint {
  const given = declared ?? {};
  const tls = tlsMode(given, defaults);
  return {
    host: given.host ?? defaults.host ?? '',
    port: given.port ?? defaults.ports[tls],
    tls,
    ...(given.caSecretRef === undefined ? {} : { ca: given.caSecretRef }),
  };
}

/** What is wrong with a route's endpoint. */
export function checkEndpoint(index: ResourceIndex, namespace: string, endpoint: PlanEndpoint): Finding[] {
  const findings: Finding[] = [];
  if (endpoint.host === '') {
    findings.push(
      blocking('spec.smtp.host', 'Invalid', 'the provider has no host of its own: set spec.smtp.host'),
    );
  }
  if (endpoint.ca !== undefined) {
    const { name, key } = endpoint.ca;
    findings.push(...checkSecret(index, { namespace, name, keys: [key], field: 'spec.smtp.caSecretRef' }));
  }
  return findings;
}
