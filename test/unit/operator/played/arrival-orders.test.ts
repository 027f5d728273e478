import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Campaign } from '../../../../controller/api/resource.ts';
import { readPolicy } from '../../../../controller/cli/policy-file.ts';
import type { AudienceRequest } from '../../../../controller/domain/compile/compilation.ts';
import { importJobName } from '../../../../controller/operator/objects/import-job.ts';
import { anArrival, arrivingOf, AT_ONCE, type ArrivalStep } from './arrival-history.ts';
import { failingLedger } from './failing-ledger.ts';
import type { PlayedObject } from './played-cluster.ts';
import { PlayedOperator } from './played-operator.ts';

const policy = await readPolicy();
/** Longer than a lost status, an earlier compilation and everything else that is waited for. */
const LONG_MS = 130_000;
const WITH_STATUS = [
  'mailboxes',
  'emailserviceproviders',
  'sendingpools',
  'suppressionlists',
  'templates',
  'campaigns',
];
const MADE = ['deployments', 'serviceaccounts', 'networkpolicies', 'poddisruptionbudgets'];

/** What a world is like after its objects have arrived like this. */
async function worldAfter(steps: readonly ArrivalStep[]) {
  let isLedgerAway = false;
  const operator = new PlayedOperator(policy, {
    ledger: (model) => failingLedger(model, () => isLedgerAway),
  });
  await operator.start();
  for (const step of steps) {
    isLedgerAway = step.outage === 'Ledger';
    operator.cluster.isFailing = step.outage === 'Writes';
    if (step.outage === 'Watches') operator.cluster.cutWatches();
    await arrive(operator, step);
  }
  isLedgerAway = false;
  operator.cluster.isFailing = false;
  await operator.clock.advance(LONG_MS);
  const { cluster, ledger } = operator;
  const pool = { namespace: 'mail', pool: 'outreach' };
  const world = {
    statuses: WITH_STATUS.flatMap((plural) => [...cluster.collection(plural).values()].map(shownStatus)),
    made: MADE.flatMap((plural) => [...cluster.collection(plural).values()].map(shownIntent)),
    imports: [...cluster.collection('jobs').keys()].map((key) => key === presentImport(operator)),
    plan: await ledger.plans.read(pool),
    pools: await ledger.plans.kept('operator'),
    lists: Object.fromEntries(await ledger.suppression.published('mail')),
    suppressed: await ledger.suppression.counts('mail', 'blocked'),
    spring: await ledger.audience.counts({ ...pool, campaign: 'spring' }),
    autumn: await ledger.audience.counts({ ...pool, campaign: 'autumn' }),
  };
  await operator.stop();
  return { ...world, statuses: sorted(world.statuses), made: sorted(world.made) };
}

/** Key of the Job that reads the Secret as it is now for the campaign as it is now. */
function presentImport({ cluster, ledger }: PlayedOperator): string {
  const campaign = cluster.collection('campaigns').get('mail/winter') as Campaign;
  const { resourceVersion = '' } = cluster.collection('secrets').get('mail/contacts')?.metadata ?? {};
  const request: AudienceRequest = {
    key: { namespace: 'mail', pool: 'outreach', campaign: 'winter' },
    format: 'CSV',
    emailColumn: 'email',
    location: { kind: 'Secret', namespace: 'mail', name: 'contacts', key: 'csv' },
  };
  const secret = { name: 'contacts', key: 'csv', resourceVersion };
  return `mail/${importJobName(campaign, { request, secret }, ledger.id)}`;
}

async function arrive({ cluster, clock }: PlayedOperator, step: ArrivalStep): Promise<void> {
  const { plural, object, draft } = arrivingOf(step);
  const [first = 0, second = 0, third = 0] = step.pausesMs;
  await clock.advance(first);
  if (step.isDrafted) cluster.declare(plural, draft);
  await clock.advance(second);
  if (step.isRemade) cluster.delete(plural, `${object.metadata.namespace}/${object.metadata.name}`);
  await clock.advance(third);
  cluster.declare(plural, object);
}

/** All but the times, which differ, and the generation, which must be the present one. */
function shownStatus({ kind, metadata, status }: PlayedObject): string {
  const { observedGeneration, ...rest } = status as { observedGeneration?: number };
  const text = JSON.stringify(rest, (key, value) => (key === 'lastTransitionTime' ? undefined : value));
  return `${kind}/${metadata.name} ${observedGeneration === metadata.generation} ${text}`.replaceAll(
    /"observedGeneration":\d+/g,
    '',
  );
}

function shownIntent({ kind, metadata, spec }: PlayedObject): string {
  return `${kind}/${metadata.name} ${JSON.stringify([metadata.labels, spec])}`;
}

function sorted(lines: readonly string[]): string[] {
  return lines.toSorted();
}

describe('whatever order the objects of a namespace come in, whatever is missing or out of order for a while', () => {
  it('ends with the same plan, lists, audiences, pods and statuses', async () => {
    const expected = await worldAfter(AT_ONCE);
    expect(expected.statuses).toHaveLength(9);
    expect(expected.imports).toEqual([true]);
    await fc.assert(
      fc.asyncProperty(anArrival, async (steps) => {
        expect(await worldAfter(steps)).toEqual(expected);
      }),
      { numRuns: Number(process.env['HISTORIES'] ?? 12) },
    );
  });
});
