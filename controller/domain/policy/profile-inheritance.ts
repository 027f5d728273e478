import type { PolicyProfile } from '../../api/policy-document.ts';

type Profiles = Readonly<Record<string, PolicyProfile>>;

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sections (defaults, documented …) are merged by key; the heir's word wins. */
function inherit(base: PolicyProfile, heir: PolicyProfile): PolicyProfile {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(heir)) {
    const inherited = merged[key];
    merged[key] = isSection(inherited) && isSection(value) ? { ...inherited, ...value } : value;
  }
  return merged;
}

/** The profile with everything that it inherits, or a sentence that says what is wrong with `extends`. */
export function resolveProfile(profiles: Profiles, id: string): PolicyProfile | string {
  const lineage: PolicyProfile[] = [];
  const seen = new Set<string>();
  let next: string | undefined = id;
  while (next !== undefined) {
    if (seen.has(next)) return `goes round in a circle at ${next}`;
    seen.add(next);
    const profile: PolicyProfile | undefined = profiles[next];
    if (profile === undefined) return `names the profile ${next}, which does not exist`;
    lineage.unshift(profile);
    next = profile.extends;
  }
  const { extends: _base, ...resolved } = lineage.reduce(inherit);
  return resolved;
}
