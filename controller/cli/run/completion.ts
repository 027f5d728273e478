import type { Report } from '../../api/report.ts';
import { isEnded } from '../../domain/status/build-report.ts';

/** How `mailers run --once` ends. */
export interface RunEnd {
  readonly exitCode: number;
  readonly message: string;
}

/** The end that a report allows; undefined = there is still something to wait for. */
export function endOf(report: Report): RunEnd | undefined {
  if (report.complete) return { exitCode: 0, message: '' };
  // What is suspended was stopped by a person who means to come back.
  if (report.pools.some((pool) => pool.mailboxes.some(({ state }) => state === 'Suspended')))
    return undefined;
  const open = report.pools.flatMap((pool) => pool.campaigns.filter((campaign) => !isEnded(campaign.state)));
  if (open.length === 0 || !open.every(({ state }) => NEEDS_AN_EDIT.has(state))) return undefined;
  const lines = open.map((campaign) => `Campaign/${campaign.name}: ${campaign.state}: ${campaign.message}`);
  return {
    exitCode: 1,
    message: ['Nothing can be sent until somebody edits the manifests:', ...lines].join('\n'),
  };
}

/** States that no time ends: what is missing or refused has to be changed. */
const NEEDS_AN_EDIT = new Set<string>([
  'TemplateNotFound',
  'TemplateInvalid',
  'PoolNotFound',
  'SuppressionListNotFound',
  'ConfigMapNotFound',
  'ConfigMapKeyNotFound',
  'SecretNotFound',
  'SecretKeyNotFound',
  'FileNotFound',
  'AudienceInvalid',
  'NoRoute',
]);
