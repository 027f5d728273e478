import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CONDITION_TYPES } from '../../../../controller/api/conditions.ts';
import { KINDS } from '../../../../controller/api/kinds.ts';
import { MAILBOX_PROVIDERS, type MailboxProvider } from '../../../../controller/api/mailbox.ts';
import { REASONS } from '../../../../controller/api/reasons.ts';
import { structuralSchema } from '../../../../controller/api/structural-schema.ts';
import { differingFiles, writeFiles } from '../../../../controller/cli/generate/generated-file.ts';
import { exampleManifest, kindFiles } from '../../../../controller/cli/generate/kind-files.ts';
import { providerLimitsFile } from '../../../../controller/cli/generate/provider-limits.ts';
import { checkObject } from '../../../../controller/cli/manifests/object-check.ts';
import { createObjectSchemas } from '../../../../controller/cli/manifests/object-schema.ts';
import { readPolicy } from '../../../../controller/cli/policy-file.ts';
import { mailboxProfile } from '../../../../controller/domain/policy/provider-profile.ts';

const ROOT = new URL('../../../../', import.meta.url);

describe('what is generated', () => {
  it('is what the repository holds; else run npm run generate', async () => {
    const files = [providerLimitsFile(await readPolicy()), ...(await kindFiles())];
    expect(await differingFiles(ROOT, files)).toEqual([]);
  });

  it('is the same every time', async () => {
    expect(await kindFiles()).toEqual(await kindFiles());
  });
});

describe('the catalogue of conditions', () => {
  const namesUnder = async (heading: string): Promise<string[]> => {
    const page = await readFile(new URL('docs/reference/conditions.md', ROOT), 'utf8');
    const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
    return [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name);
  };

  it('lists exactly the condition types', async () => {
    expect(await namesUnder('Condition types')).toEqual([...CONDITION_TYPES]);
  });

  it('lists exactly the reasons', async () => {
    expect(await namesUnder('Reasons')).toEqual([...REASONS]);
  });
});

describe('the example of', () => {
  it.each(Object.values(KINDS))('$kind is valid', async (kind) => {
    const manifest: unknown = parse(await exampleManifest(kind));
    expect(checkObject(manifest, createObjectSchemas())).toMatchObject({
      verdict: 'Resource',
      object: { kind: kind.kind },
    });
  });
});

describe('the description of', () => {
  const describedNumbers = async (field: 'quota.recipientsPerDay' | 'pacing.minIntervalSeconds') => {
    const [group = '', name = ''] = field.split('.');
    const spec = structuralSchema(KINDS.Mailbox.spec);
    return spec.properties?.[group]?.properties?.[name]?.description ?? '';
  };
  const WORDS: Record<MailboxProvider, RegExp> = {
    GoogleWorkspace: /\(Workspace ([\d,]+)/,
    GoogleWorkspaceTrial: /trial and Gmail ([\d,]+)/,
    Gmail: /Gmail ([\d,]+)/,
    Microsoft365: /Microsoft 365 ([\d,]+)/,
    SMTP: /SMTP ([\d,]+)/,
  };
  const numberFor = (provider: MailboxProvider, description: string) =>
    Number(WORDS[provider].exec(description)?.[1]?.replaceAll(',', ''));

  it('the cap names the defaults that the policy has', async () => {
    const policy = await readPolicy();
    const description = await describedNumbers('quota.recipientsPerDay');
    for (const provider of MAILBOX_PROVIDERS) {
      expect([provider, numberFor(provider, description)]).toEqual([
        provider,
        mailboxProfile(policy, provider).cap,
      ]);
    }
  });

  it('the interval names the defaults that the policy has', async () => {
    const policy = await readPolicy();
    const description = await describedNumbers('pacing.minIntervalSeconds');
    for (const provider of MAILBOX_PROVIDERS.filter((name) => name !== 'GoogleWorkspaceTrial')) {
      const { minIntervalMs } = mailboxProfile(policy, provider);
      expect([provider, numberFor(provider, description) * 1000]).toEqual([provider, minIntervalMs]);
    }
  });
});

describe('the limits of the providers', () => {
  it('come from the profiles of the policy that have one', () => {
    const profiles = new Map([
      ['google-workspace', { capLimit: { recipientsPerDay: 7, source: "Anna's notes" } }],
      ['gmail-personal', {}],
    ]);
    const { content } = providerLimitsFile({ profiles });
    expect(content).toContain("GoogleWorkspace: { recipientsPerDay: 7, source: 'Anna\\'s notes' },");
    expect(content).not.toContain('Gmail:');
  });
});

describe('writing', () => {
  let directory: string;
  let root: URL;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'generated-'));
    root = pathToFileURL(`${directory}/`);
  });
  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  it('touches only the files that differ, and names them', async () => {
    await writeFile(join(directory, 'same'), 'same');
    const files = [
      { path: 'same', content: 'same' },
      { path: 'folder/new', content: 'new' },
    ];
    expect(await differingFiles(root, files)).toEqual(['folder/new']);
    expect(await writeFiles(root, files)).toEqual(['folder/new']);
    expect(await readFile(join(directory, 'folder/new'), 'utf8')).toBe('new');
    expect(await differingFiles(root, files)).toEqual([]);
  });
});
