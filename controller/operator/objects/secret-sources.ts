import type { Plan, PlanAuth, PlanRoute } from '../../api/plan.ts';

/** One Secret of a projected volume: its keys as files `SECRET/KEY`. */
interface SecretSource {
  readonly secret: {
    readonly name: string;
    readonly items: readonly { readonly key: string; readonly path: string }[];
    readonly optional: true;
  };
}

/** Keys of a Secret for OAuth 2, as the API documents them. */
const OAUTH2_KEYS = ['clientId', 'clientSecret', 'refreshToken'] as const;

function keysOf(auth: PlanAuth): { readonly name: string; readonly keys: readonly string[] } {
  switch (auth.method) {
    case 'UserPassword':
      return { name: auth.secretName, keys: [auth.usernameKey, auth.passwordKey] };
    case 'OAuth2':
      return { name: auth.secretName, keys: OAUTH2_KEYS };
    default:
      return { name: auth.secret.name, keys: [auth.secret.key] };
  }
}

/**
 * The Secrets that the routes and the pool's signing key name, nothing else of them. Optional, so that one that is missing stops its
 * mailbox and not the pod; sorted, so that the same plan gives the same pod.
 */
export function secretSources(plan: Plan, routes: readonly PlanRoute[]): SecretSource[] {
  const keys = new Map<string, Set<string>>();
  const add = (name: string, key: string): void => {
    const known = keys.get(name);
    if (known === undefined) keys.set(name, new Set([key]));
    else known.add(key);
  };
  for (const { auth, endpoint } of routes) {
    const login = keysOf(auth);
    for (const key of login.keys) add(login.name, key);
    if (endpoint.ca !== undefined) add(endpoint.ca.name, endpoint.ca.key);
  }
  if (plan.unsubscribe !== undefined) add(plan.unsubscribe.signingKey.name, plan.unsubscribe.signingKey.key);
  return [...keys]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, used]) => ({
      secret: {
        name,
        items: [...used].sort().map((key) => ({ key, path: `${name}/${key}` })),
        optional: true,
      },
    }));
}
