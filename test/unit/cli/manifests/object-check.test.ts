import { describe, expect, it } from 'vitest';
import { formatFieldPath } from '../../../../controller/cli/manifests/manifest-error.ts';
import { checkObject, type CheckedObject } from '../../../../controller/cli/manifests/object-check.ts';
import { createObjectSchemas } from '../../../../controller/cli/manifests/object-schema.ts';
import { INVALID_MANIFESTS } from '../../../builders/invalid-manifests/all.ts';
import { mailboxManifest, poolManifest } from '../../../builders/manifest.ts';
import { VALID_MANIFESTS } from '../../../builders/valid-manifest.ts';

const schemas = createObjectSchemas();
const check = (value: unknown): CheckedObject => checkObject(value, schemas);

/** The issues as `field: message`. */
function issuesOf(value: unknown): string[] {
  const checked = check(value);
  if (checked.verdict !== 'Refused') return [];
  return checked.issues.map(({ path, message }) => `${formatFieldPath(path)}: ${message}`);
}

describe('a manifest with one fault', () => {
  it.each(INVALID_MANIFESTS)('$manifest.kind: refuses $fault', ({ manifest, field, message }) => {
    expect(issuesOf(manifest)).toEqual([`${field}: ${message}`]);
  });
});

describe('a valid manifest', () => {
  it.each(VALID_MANIFESTS)('accepts %s', (_what, manifest) => {
    expect(issuesOf(manifest)).toEqual([]);
    expect(check(manifest).verdict).toBe('Resource');
  });
});

describe('a manifest with several faults', () => {
  it('reports them all at once, rules included', () => {
    const manifest = mailboxManifest({
      provider: 'Gmail',
      auth: {},
      quota: { recipientsPerDay: 5000, reservePercent: 91 },
      sendingWindow: { timeZone: '!' },
    });
    expect(issuesOf(manifest)).toEqual([
      'spec.quota.reservePercent: must be a whole number from 0 to 90, not 91',
      'spec.sendingWindow.timeZone: must be an IANA time zone such as Europe/Berlin',
      expect.stringMatching(/^spec\.quota\.recipientsPerDay: must be at most 500/),
      'spec.auth: must have exactly one of appPassword, password, oauth2, serviceAccount',
    ]);
  });

  it('says nothing of rules that a missing or wrong field makes meaningless', () => {
    expect(issuesOf(mailboxManifest({ auth: undefined }))).toEqual([
      'spec.auth: is required: a mapping with the fields appPassword, password, oauth2, serviceAccount',
    ]);
    expect(issuesOf(poolManifest({ mailboxes: 'all' }))).toEqual([
      'spec.mailboxes: must be a mapping with the fields selector, names, not the text "all"',
    ]);
  });

  it('names the fields when a wrong one resembles none', () => {
    expect(issuesOf(mailboxManifest({ pacing: { speed: 1 } }))).toEqual([
      'spec.pacing.speed: is not a field of spec.pacing; the fields are minIntervalSeconds, jitterSeconds',
    ]);
  });
});
