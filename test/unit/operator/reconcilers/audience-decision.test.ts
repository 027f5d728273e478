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
  isUseless: false,
  secretVersion: undefined,
  jobs: [],
  ...change,
});
const rows = { request: inSecret, secret: { name: 'rows', key: 'audience.csv', resourceVersion: '7' } };
const jobName = importJobName(campaign, rows, 'ledger-1');
const job = (name: string, condition?: string, annotations = {}) => ({
  metadata: { name, annotations },
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

  it('is not looked at again when it was of no use, though the ledger has none', () => {
    expect(kindOf({ imported: text, isUseless: true, ledgerRevision: '' })).toBe('Nothing');
    expect(kindOf({ imported: request({ kind: 'Text', text: 'email\n' }), isUseless: true })).toBe('Import');
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

describe('a Job that has failed, when somebody asks for the import again', () => {
  const asking = (at: string) =>
    aCampaign('spring', { metadata: { uid: 'u', annotations: { 'mailers.io/reconcile-at': at } } });
  const failed = (annotations = {}) => job(jobName, 'Failed', annotations);
  const inJob = (change: Partial<AudienceState>) =>
    kindOf({ request: inSecret, secretVersion: '7', ...change });

  it('goes, so that it is made anew', () => {
    const decision = decideAudience(
      state({ request: inSecret, secretVersion: '7', jobs: [failed()], campaign: asking('now') }),
    );
    expect(decision).toEqual({ kind: 'ForgetJobs', stale: [failed()] });
  });

  it('stays when that was asked before it was made', () => {
    expect(inJob({ campaign: asking('now'), jobs: [failed({ 'mailers.io/reconcile-at': 'now' })] })).toBe(
      'JobFailed',
    );
    expect(inJob({ campaign: asking('again'), jobs: [failed({ 'mailers.io/reconcile-at': 'now' })] })).toBe(
      'ForgetJobs',
    );
  });

  it('is left alone when it has not failed', () => {
    expect(inJob({ campaign: asking('now'), jobs: [job(jobName, 'Complete')] })).toBe('RunJob');
  });
});

it('an audience in a file cannot be read on a cluster, and says what to do', () => {
  const decision = decideAudience(state({ request: request({ kind: 'File', path: '/rows.csv' }) }));
  expect(decision).toMatchObject({ kind: 'Nothing', fault: { reason: 'FileNotFound' } });
});
