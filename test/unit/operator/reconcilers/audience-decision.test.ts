import { describe, expect, it } from 'vitest';
import type { AudienceRequest } from '../../../../controller/domain/compile/compilation.ts';
import { importJobName } from '../../../../controller/operator/objects/import-job.ts';
import { decideAudience } from '../../../../controller/operator/reconcilers/campaign/audience-decision.ts';
import type { AudienceState } from '../../../../controller/operator/reconcilers/campaign/campaign-state.ts';
import { aCampaign } from '../../../builders/resource.ts';

const campaign = aCampaign('spring', { metadata: { uid: 'u' } });
const request = (location: AudienceRequest['location']): AudienceRequest => ({
  key: { namespace: 'mail', pool: 'outreach', campaign: 'spring' },
  location,
  format: 'CSV',
  emailColumn: 'email',
});
const text = request({ kind: 'Text', text: 'email\na@example.org\n' });
const inSecret = request({ kind: 'Secret', namespace: 'mail', name: 'rows', key: 'audience.csv' });
const state = (change: Partial<AudienceState>): AudienceState => ({
  campaign,
  request: text,
  ledgerId: 'ledger-1',
  ledgerRevision: 'r',
  imported: undefined,
  secretVersion: undefined,
  jobs: [],
  ...change,
});
const rows = { request: inSecret, secret: { name: 'rows', key: 'audience.csv', resourceVersion: '7' } };
const jobName = importJobName(campaign, rows, 'ledger-1');
const job = (name: string, condition?: string) => ({
  metadata: { name },
  status: { conditions: condition === undefined ? [] : [{ type: condition, status: 'True' }] },
});
const kindOf = (change: Partial<AudienceState>) => decideAudience(state(change)).kind;

describe('an audience that the operator has', () => {
  it('is imported once', () => {
    expect(kindOf({})).toBe('Import');
    expect(kindOf({ imported: text })).toBe('Nothing');
  });

  it('is imported again when it changes, and when the ledger has none', () => {
    expect(kindOf({ imported: request({ kind: 'Text', text: 'email\n' }) })).toBe('Import');
    expect(kindOf({ imported: text, ledgerRevision: '' })).toBe('Import');
  });

  it('is nothing without a source', () => {
    expect(kindOf({ request: undefined })).toBe('Nothing');
  });
});

describe('an audience in a Secret', () => {
  it('is read by a Job that bears the version of the Secret, and takes the place of others', () => {
    const stale = job('spring-import-old');
    const decision = decideAudience(state({ request: inSecret, secretVersion: '7', jobs: [stale] }));
    expect(decision).toMatchObject({
      kind: 'RunJob',
      stale: [stale],
      audience: { secret: { resourceVersion: '7' } },
    });
  });

  it('waits for the Secret', () => {
    expect(kindOf({ request: inSecret })).toBe('Nothing');
  });

  it('says where to look when its Job has failed', () => {
    const decision = decideAudience(
      state({ request: inSecret, secretVersion: '7', jobs: [job(jobName, 'Failed')] }),
    );
    expect(decision).toMatchObject({ kind: 'JobFailed', fault: { reason: 'AudienceInvalid' } });
    expect(JSON.stringify(decision)).toContain(`kubectl logs job/${jobName}`);
  });
});

it('an audience in a file cannot be read on a cluster, and says what to do', () => {
  const decision = decideAudience(state({ request: request({ kind: 'File', path: '/rows.csv' }) }));
  expect(decision).toMatchObject({ kind: 'Nothing', fault: { reason: 'FileNotFound' } });
});
