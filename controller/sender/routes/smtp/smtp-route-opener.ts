import type { PlanRoute } from '../../../api/plan.ts';
import type { Credentials } from '../../../domain/ports/route.ts';
import type { OpenedRoute, RouteOpener } from '../../route-opener.ts';
import { TrustedAuthorities } from '../../trusted-authorities.ts';
import { resolveLogin } from './smtp-login.ts';
import { SmtpRoute, type SmtpTimeouts } from './smtp-route.ts';

/** Opens routes of one namespace by SMTP. */
export function smtpRouteOpener(options: {
  readonly namespace: string;
  readonly credentials: Credentials;
  /** Name for EHLO. */
  readonly clientName: string;
  readonly timeouts: SmtpTimeouts;
}): RouteOpener {
  const authorities = new TrustedAuthorities();
  return async (route: PlanRoute): Promise<OpenedRoute> => {
    const { namespace, credentials, clientName, timeouts } = options;
    const answer = await resolveLogin(route.auth, namespace, credentials);
    if (!answer.ok) return answer;
    const { endpoint, maxMessagesPerConnection } = route;
    const ca = endpoint.ca && (await credentials.read(namespace, endpoint.ca.name))?.[endpoint.ca.key];
    if (endpoint.ca && ca === undefined) {
      const message = `Secret ${endpoint.ca.name} in namespace ${namespace} has not reached this sender with the key ${endpoint.ca.key} for the certificate authority: create it, or wait if it was made just now`;
      return { ok: false, reason: 'SecretNotFound', message };
    }
    const smtp = new SmtpRoute({
      endpoint,
      login: answer.login,
      clientName,
      maxMessagesPerConnection,
      timeouts,
      tls: authorities.tls(ca),
    });
    return { ok: true, route: smtp, version: answer.version };
  };
}
