import { describe, expect, it } from 'vitest';
import { readPolicy } from '../../../../controller/cli/policy-file.ts';
import { aCampaign, aMailbox, anEsp, aPool, aTemplate } from '../../../builders/resource.ts';
import type { PlayedObject } from './played-cluster.ts';
import { PlayedOperator } from './played-operator.ts';

const policy = await readPolicy();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The test's time begins at midnight: the window opens and the campaign starts half an hour later. */
const STARTS_AFTER_MS = 30 * MINUTE_MS;
const EVERY_DAY = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
const sendingWindow = {
  timeZone: 'Etc/UTC',
  days: [...EVERY_DAY],
  startTime: '00:30',
  endTime: '23:00',
  spread: 'Even' as const,
};

const OBJECTS: readonly [string, PlayedObject][] = [
  ['mailboxes', aMailbox('anna', { spec: { sendingWindow } })],
  ['emailserviceproviders', anEsp()],
  ['sendingpools', aPool()],
  ['templates', aTemplate()],
  ['campaigns', aCampaign('spring', { spec: { schedule: { startTime: '2026-01-01T00:30:00Z' } } })],
];
const SECRETS = ['anna-login', 'relay-login', 'mailers-redis'];

/** The statuses before and after the start, as an operator writes them whose clock is wrong by so much. */
async function statusesOf(aheadMs: number) {
  const operator = new PlayedOperator(policy, { aheadMs });
  const { cluster, clock } = operator;
  for (const name of SECRETS) cluster.declare('secrets', { metadata: { namespace: 'mail', name } });
  for (const [plural, object] of OBJECTS) cluster.declare(plural, object);
  await operator.start();
  const shown = () =>
    OBJECTS.map(([plural, { metadata }]) => {
      const { kind, status } = cluster.collection(plural).get(`mail/${metadata.name}`) ?? {};
      return { kind, status };
    });
  await clock.advance(5 * MINUTE_MS);
  const before = shown();
  await clock.advance(STARTS_AFTER_MS);
  const after = shown();
  await operator.stop();
  return { before, after };
}

const stateOf = (shown: Awaited<ReturnType<typeof statusesOf>>['before'], kind: string) =>
  (shown.find((one) => one.kind === kind)?.status as { state?: string } | undefined)?.state;

describe('an operator whose clock is wrong', () => {
  it.each([
    ['an hour ahead', HOUR_MS],
    ['an hour behind', -HOUR_MS],
    ['a day and a half ahead', 36 * HOUR_MS],
  ])(
    'by %s writes the same statuses, to the second: it goes by the clock of the ledger',
    async (_, aheadMs) => {
      const right = await statusesOf(0);
      expect([stateOf(right.before, 'Mailbox'), stateOf(right.after, 'Mailbox')]).toEqual([
        'WindowClosed',
        'Ready',
      ]);
      expect([stateOf(right.before, 'Campaign'), stateOf(right.after, 'Campaign')]).toEqual([
        'NotStarted',
        'Sending',
      ]);
      expect(await statusesOf(aheadMs)).toEqual(right);
    },
  );
});
