import * as fc from 'fast-check';
import { aCampaign, aList, aMailbox, anEsp, aPool, aTemplate } from '../../../builders/resource.ts';
import type { PlayedObject } from './played-cluster.ts';

/** An object of the world, and what it may have been before. */
interface Arriving {
  readonly plural: string;
  readonly object: PlayedObject;
  /** An earlier version, which refers to what is not there, or says something else. */
  readonly draft: PlayedObject;
}

export type Outage = 'None' | 'Watches' | 'Writes' | 'Ledger';

export interface ArrivalStep {
  /** `plural/name`, so that a counterexample can be read. */
  readonly arriving: string;
  /** Made as a draft first. */
  readonly isDrafted: boolean;
  /** Deleted and made again. */
  readonly isRemade: boolean;
  /** What is out of order while it arrives. */
  readonly outage: Outage;
  /** Time that passes before each of its changes, ms. */
  readonly pausesMs: readonly number[];
}

const named = (name: string, data?: object): PlayedObject => ({
  metadata: { namespace: 'mail', name },
  ...(data === undefined ? {} : { data }),
});
const secret = (name: string): Arriving => ({ plural: 'secrets', object: named(name), draft: named(name) });
const ref = (name: string) => ({ name });
const inSecret = (name: string) =>
  aCampaign('winter', {
    spec: { audience: { secretRef: { name, key: 'csv' }, format: 'CSV', emailColumn: 'email' } },
  });
const draftPool = {
  mailboxes: { selector: { matchLabels: { team: 'none' } } },
  esps: [{ name: 'elsewhere' }],
};

/** Everything that a compilation looks at, with all kinds of references among it. */
const WORLD: readonly Arriving[] = [
  {
    plural: 'mailboxes',
    object: aMailbox('anna'),
    draft: aMailbox('anna', { spec: { displayName: 'A' } }),
  },
  {
    plural: 'mailboxes',
    object: aMailbox('ben'),
    draft: aMailbox('ben', { spec: { address: 'anna@example.com' } }),
  },
  {
    plural: 'emailserviceproviders',
    object: anEsp(),
    draft: anEsp('relay', { spec: { suspend: true } }),
  },
  {
    plural: 'sendingpools',
    object: aPool('outreach', { spec: { suppressionLists: ['blocked'] } }),
    draft: aPool('outreach', { spec: { ...draftPool, suppressionLists: ['nowhere'] } }),
  },
  {
    plural: 'suppressionlists',
    object: aList('blocked', { spec: { configMapRefs: [{ name: 'opted-out', key: 'list' }] } }),
    draft: aList('blocked', { spec: { addresses: ['somebody@example.org'] } }),
  },
  {
    plural: 'templates',
    object: aTemplate(),
    draft: aTemplate('greeting', { spec: { subject: 'Draft {{ nobody }}' } }),
  },
  {
    plural: 'campaigns',
    object: aCampaign('spring', {
      spec: {
        audience: { configMapRef: { name: 'people', key: 'csv' }, format: 'CSV', emailColumn: 'email' },
      },
    }),
    draft: aCampaign('spring', { spec: { templateRef: ref('farewell'), poolRef: ref('elsewhere') } }),
  },
  {
    plural: 'campaigns',
    object: aCampaign('autumn'),
    draft: aCampaign('autumn', { spec: { suspend: true } }),
  },
  {
    plural: 'campaigns',
    object: inSecret('contacts'),
    draft: inSecret('nowhere'),
  },
  secret('contacts'),
  secret('anna-login'),
  secret('ben-login'),
  secret('relay-login'),
  secret('mailers-redis'),
  {
    plural: 'configmaps',
    object: named('people', { csv: 'email,name\nrob@example.org,Rob\nsue@example.org,Sue\n' }),
    draft: named('people', { tsv: 'nothing' }),
  },
  {
    plural: 'configmaps',
    object: named('opted-out', { list: 'gone@example.org\n' }),
    draft: named('opted-out', { list: 'else@example.org\n' }),
  },
];

function titleOf({ plural, object }: Arriving): string {
  return `${plural}/${object.metadata.name}`;
}

/** What arrives with a step. */
export function arrivingOf({ arriving }: ArrivalStep): Arriving {
  const found = WORLD.find((one) => titleOf(one) === arriving);
  if (found === undefined) throw new Error(`Nothing is called ${arriving}.`);
  return found;
}

const step = (arriving: Arriving): fc.Arbitrary<ArrivalStep> =>
  fc.record({
    arriving: fc.constant(titleOf(arriving)),
    isDrafted: fc.boolean(),
    isRemade: fc.boolean(),
    outage: fc.constantFrom<Outage>('None', 'None', 'None', 'Watches', 'Writes', 'Ledger'),
    pausesMs: fc.array(fc.constantFrom(0, 0, 1, 120, 3_000), { minLength: 3, maxLength: 3 }),
  });

/** The world in any order. */
export const anArrival = fc
  .tuple(fc.tuple(...WORLD.map(step)), fc.shuffledSubarray([...WORLD.keys()], { minLength: WORLD.length }))
  .map(([steps, order]) => order.flatMap((index) => steps[index] ?? []));

/** The world at once and for good. */
export const AT_ONCE: readonly ArrivalStep[] = WORLD.map((arriving) => ({
  arriving: titleOf(arriving),
  isDrafted: false,
  isRemade: false,
  outage: 'None',
  pausesMs: [0, 0, 0],
}));
