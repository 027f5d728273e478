import * as fc from 'fast-check';
import type { Constraint, Evidence, SettleRequest } from '../../../controller/domain/ports/queue-ledger.ts';

const constraint = fc.constantFrom<Constraint>(
  { kind: 'Any' },
  { kind: 'Any' },
  { kind: 'Esp' },
  { kind: 'Route', route: 'mailbox/anna' },
);
const dueInMs = fc.constantFrom(0, 0, 40, 900);
/** Shared limits that messages may have to wait for. */
const LIMITS = ['recipient-domain:mail/outreach/gmail.com', 'recipient-domain:mail/outreach/posteo.de'];
const settlement = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'Terminal', outcome: 'Delivered' } as const) },
  fc.record({
    kind: fc.constant('Terminal' as const),
    outcome: fc.constantFrom(
      'Failed' as const,
      'Suppressed' as const,
      'Uncertain' as const,
      'Cancelled' as const,
    ),
  }),
  fc.record({
    kind: fc.constantFrom('Deferred' as const, 'Returned' as const),
    dueInMs,
    constraint,
    overflow: fc.constant(''),
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('Limited' as const),
      limit: fc.constantFrom(...LIMITS),
      dueInMs,
      constraint,
      overflow: fc.constant(''),
    }),
  },
);
const campaign = fc.constantFrom('spring', 'autumn');
const sender = fc.nat(1);
const pick = fc.nat(1_000);

/** One step of a history; `pick` says which of those that are there, counted round. */
export type QueueStep =
  | {
      readonly do: 'claim';
      readonly sender: number;
      readonly any: number;
      readonly esp: number;
      readonly bound: number;
      /** Limits without room; a limit that one claim names and the next does not is free again. */
      readonly exhausted: readonly string[];
    }
  | {
      readonly do: 'begin';
      readonly pick: number;
      /** It carries an idempotency key; a repeat does so anyway. */
      readonly isKeyed: boolean;
    }
  | {
      readonly do: 'settle';
      readonly pick: number;
      readonly settlement: SettleRequest['settlement'];
      readonly followUpInMs: number | undefined;
      readonly times: number;
    }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'die'; readonly sender: number }
  | { readonly do: 'reconcile'; readonly sender: number; readonly keep: number }
  | {
      readonly do: 'late';
      readonly pick: number;
      readonly settlement: SettleRequest['settlement'];
      readonly followUpInMs: number | undefined;
    }
  | {
      readonly do: 'resolve';
      readonly pick: number;
      readonly evidence: Evidence;
      readonly followUpInMs: number | undefined;
    }
  | {
      readonly do: 'import';
      readonly campaign: string;
      readonly add: number;
      readonly remove: readonly number[];
      readonly restore: boolean;
    }
  | { readonly do: 'cancel'; readonly campaign: string }
  | { readonly do: 'suspend'; readonly campaign: string };

/** What senders, recoverers, importers and people may do to a queue, in any order. */
export const aQueueHistory: fc.Arbitrary<QueueStep[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('claim' as const),
        sender,
        any: fc.constantFrom(0, 1, 3, 6, 500, 500),
        esp: fc.nat(2),
        bound: fc.nat(2),
        exhausted: fc.subarray(LIMITS),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constant('begin' as const), pick, isKeyed: fc.boolean() }),
    },
    {
      weight: 10,
      arbitrary: fc.record({
        do: fc.constant('settle' as const),
        pick,
        settlement,
        followUpInMs: fc.option(dueInMs, { nil: undefined }),
        times: fc.integer({ min: 1, max: 2 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 40, 1_000) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('die' as const), sender }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('reconcile' as const), sender, keep: pick }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('late' as const),
        pick,
        settlement,
        followUpInMs: fc.option(dueInMs, { nil: undefined }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('resolve' as const),
        pick,
        evidence: fc.constantFrom<Evidence>('Delivered', 'NotAccepted', 'Repeat', 'Repeat'),
        followUpInMs: fc.option(dueInMs, { nil: undefined }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('import' as const),
        campaign,
        add: fc.constantFrom(0, 0, 2, 2, 5, 260),
        remove: fc.array(fc.nat(7), { maxLength: 4 }),
        restore: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), campaign }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('suspend' as const), campaign }) },
  ),
  { minLength: 5, maxLength: 60, size: 'medium' },
);
