import { MAILBOX_PROFILE_IDS } from '../../api/policy-document.ts';
import type { Policy } from '../../domain/policy/policy.ts';
import type { GeneratedFile } from './generated-file.ts';

/** Highest declarable cap of each mailbox provider, from the policy, as a module that the Mailbox's rules are made of. */
export function providerLimitsFile(policy: Pick<Policy, 'profiles'>): GeneratedFile {
  const lines = Object.entries(MAILBOX_PROFILE_IDS)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([provider, profile]) => {
      const limit = policy.profiles.get(profile)?.capLimit;
      return limit === undefined ? [] : [entry(provider, limit)];
    });
  const content = `// Generated from controller/api/policy/policy.yaml by \`npm run generate\`. Do not edit.

/** Highest \`quota.recipientsPerDay\` that a Mailbox of each provider may declare, and who says so. */
export const MAILBOX_CAP_LIMITS = {
${lines.join('\n')}
} as const;
`;
  return { path: 'controller/api/provider-limits.generated.ts', content };
}

function entry(provider: string, limit: { recipientsPerDay: number; source: string }): string {
  const source = limit.source.replaceAll(/['\\]/g, (character) => `\\${character}`);
  return `  ${provider}: { recipientsPerDay: ${limit.recipientsPerDay}, source: '${source}' },`;
}
