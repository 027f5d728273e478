import { describe, expect, it } from 'vitest';
import type { SendingPoolSpec } from '../../../../controller/api/sending-pool.ts';
import {
  sharedLimits,
  type SharedLimitSources,
} from '../../../../controller/domain/compile/shared-limits.ts';
import { aPlanCampaign, aPlanEsp, aPlanMailbox } from '../../../builders/plan.ts';
import { projectPolicy } from '../../../builders/policy.ts';
import { aPool } from '../../../builders/resource.ts';

const DAY_MS = 86_400_000;
const { from: _none, ...anonymousEsp } = aPlanEsp();

function compiled(spec: Partial<SendingPoolSpec>, sources: Partial<SharedLimitSources> = {}) {
  return sharedLimits(aPool('outreach', { spec }), {
    mailboxes: [],
    esps: [],
    campaigns: [],
    bulkSender: projectPolicy().bulkSender,
    windowMs: DAY_MS,
    ...sources,
  });
}

describe('the limits that routes share', () => {
  it('are none when nobody declares any and nobody sends', () => {
    expect(compiled({})).toEqual([]);
  });

  it('are one subject for the pool, in the length of the windows that all quotas have', () => {
    const limits = { recipientsPerDay: 500, recipientsPerHour: 50 };
    expect(compiled({ limits }, { windowMs: 240_000 })).toEqual([
      {
        kind: 'Pool',
        quotaSubject: 'pool:mail/outreach',
        limits: [
          { name: 'Day', windowMs: 240_000, recipients: 500 },
          { name: 'Hour', windowMs: 10_000, recipients: 50 },
        ],
        recipientDomains: [],
        senderDomain: '',
      },
    ]);
  });

  it('count a day also when only the hour is limited, so that a status can tell', () => {
    const [ofPool] = compiled({ limits: { recipientsPerHour: 50 } });
    expect(ofPool?.limits).toMatchObject([
      { name: 'Day', recipients: Number.MAX_SAFE_INTEGER },
      { name: 'Hour', recipients: 50 },
    ]);
  });

  it('are one subject per domain of recipients, sorted; Gmail has two names', () => {
    const found = compiled({
      recipientDomainLimits: [
        { domain: 'posteo.de', recipientsPerDay: 10 },
        { domain: 'gmail.com', recipientsPerDay: 20 },
        { domain: 'zoho.com', recipientsPerDay: 30 },
      ],
    });
    expect(found).toMatchObject([
      {
        quotaSubject: 'recipient-domain:mail/outreach/gmail.com',
        recipientDomains: ['gmail.com', 'googlemail.com'],
      },
      { quotaSubject: 'recipient-domain:mail/outreach/posteo.de', recipientDomains: ['posteo.de'] },
      { quotaSubject: 'recipient-domain:mail/outreach/zoho.com' },
    ]);
  });
});

describe('the guard against bulk sending', () => {
  const mailboxes = [aPlanMailbox({ address: 'anna@mail.example.com', aliases: ['anna@example.org'] })];
  const marketing = { purpose: 'Marketing' } as const;

  it('has one subject per organisation of a From, whatever the pool', () => {
    const found = compiled(marketing, {
      mailboxes: [...mailboxes, aPlanMailbox({ address: 'ben@example.com' })],
      esps: [aPlanEsp({ from: { address: 'news@corp.co.uk', displayName: '' } }), anonymousEsp],
      campaigns: [aPlanCampaign(), aPlanCampaign({ from: { address: 'us@example.net' } })],
    });
    expect(found.map(({ quotaSubject }) => quotaSubject)).toEqual([
      'bulk-sender:corp.co.uk',
      'bulk-sender:example.com',
      'bulk-sender:example.net',
      'bulk-sender:example.org',
    ]);
    expect(found[0]).toMatchObject({
      kind: 'BulkSender',
      limits: [{ name: 'Day', windowMs: DAY_MS, recipients: 5_000 }],
      recipientDomains: ['gmail.com', 'googlemail.com'],
      senderDomain: 'corp.co.uk',
      guard: { warnAt: 4_000, mode: 'Refuse' },
    });
  });

  it('has none for the provider’s own domains, nor for what is no address', () => {
    const odd = [aPlanMailbox({ address: 'anna@gmail.com', aliases: ['nobody'] })];
    expect(compiled(marketing, { mailboxes: odd })).toEqual([]);
  });

  it.each([
    ['refuses Marketing', { purpose: 'Marketing' }, 'Refuse'],
    ['only warns of Transactional mail', { purpose: 'Transactional' }, 'Warn'],
    [
      'refuses Marketing while nobody says that the requirements are met',
      { purpose: 'Marketing', bulkSender: { requirementsMet: false } },
      'Refuse',
    ],
    [
      'only counts where somebody does',
      { purpose: 'Marketing', bulkSender: { requirementsMet: true } },
      'Count',
    ],
  ] as const)('%s', (_what, spec, mode) => {
    expect(compiled(spec, { mailboxes: [aPlanMailbox()] })[0]?.guard?.mode).toBe(mode);
  });
});
