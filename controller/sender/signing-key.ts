import type { Plan } from '../api/plan.ts';
import type { Credentials } from '../domain/ports/route.ts';

/** The key that signs a pool's unsubscribe tokens; undefined when the plan wants none, or its Secret is not there. */
export async function signingKeyOf(
  plan: Plan | undefined,
  credentials: Credentials,
): Promise<string | undefined> {
  const reference = plan?.unsubscribe?.signingKey;
  if (!plan || !reference) return undefined;
  return (await credentials.read(plan.namespace, reference.name))?.[reference.key];
}
