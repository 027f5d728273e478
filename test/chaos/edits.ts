import { setTimeout as sleep } from 'node:timers/promises';
import { suppressionKeys } from '../../controller/domain/address/suppression-keys.ts';
import { LedgerUnavailable } from '../../controller/domain/ports/ledger.ts';
import { EARNED_LIST } from '../../controller/domain/ports/suppression-ledger.ts';
import type { Pause } from '../invariants/evidence.ts';
import { addressOf } from '../fleet/fleet-manifests.ts';
import { POOL } from '../fleet/fleet.ts';
import { recipients } from './audience.ts';
import { SHARED_LIMITS } from './declaration.ts';
import type { ChaosContext, Fault } from './fault.ts';

/** A published list is heeded once every answer from before it is too old to act on; only `add` waits for that itself. */
const LIST_HEEDED_AFTER_MS = 1_000;

async function suspend(context: ChaosContext, name: string, scope: Pause['scope']): Promise<void> {
  const { declaration, journal, random } = context;
  const { inForceMs: fromMs } = await declaration.edit(({ suspended }) => suspended.add(name));
  journal.note(`${name} suspended`);
  await sleep(random.between(1_500, 4_000));
  const { beganMs: toMs } = await declaration.edit(({ suspended }) => suspended.delete(name));
  journal.note(`${name} resumed`);
  journal.pauses.push({ scope, fromMs, toMs });
}

async function suppress({ fleet, journal, random, settings }: ChaosContext): Promise<void> {
  const [address = ''] = recipients(1, random.between(0, settings.recipients[0] - 1));
  const keys = suppressionKeys(address);
  const entry = { list: EARNED_LIST, keys, reason: 'Unsubscribed', address } as const;
  try {
    await fleet.ledger.suppression.add(POOL.namespace, entry);
    journal.suppressions.push({ address, acknowledgedMs: Date.now() });
  } catch (error) {
    // Not acknowledged: whoever asked for it is told to ask again.
    if (!(error instanceof LedgerUnavailable)) throw error;
  }
}

/** What people do while a campaign is being sent. */
export const EDITS: readonly Fault[] = [
  {
    name: 'a cap is changed',
    weight: 3,
    exclusive: 'Person',
    run: async ({ declaration, journal, random, settings }) => {
      const { caps } = declaration.declared;
      const name = random.pick([...caps.keys()]);
      const before = caps.get(name) ?? 0;
      const [least, most] = settings.caps;
      const recipientsPerDay = random.between(Math.ceil(least / 2), most);
      const { beganMs, inForceMs } = await declaration.edit((now) => now.caps.set(name, recipientsPerDay));
      const fromMs = recipientsPerDay > before ? beganMs : inForceMs;
      journal.caps.push({ account: addressOf(name), recipients: recipientsPerDay, fromMs });
      journal.note(`${name}: cap ${before} → ${recipientsPerDay}`);
    },
  },
  {
    name: 'a limit that all routes share is changed',
    weight: 2,
    exclusive: 'Person',
    run: async ({ declaration, journal, random, settings }) => {
      const name = random.pick(SHARED_LIMITS);
      const before = declaration.declared.sharedLimits.get(name) ?? 0;
      const recipients = random.between(...settings.sharedLimits[name]);
      const { beganMs, inForceMs } = await declaration.edit((now) => now.sharedLimits.set(name, recipients));
      const fromMs = recipients > before ? beganMs : inForceMs;
      journal.shareLimit(name, { recipients, windowMs: settings.windowMs, fromMs });
      journal.note(`${name}: shared limit ${before} → ${recipients}`);
    },
  },
  {
    name: 'recipients opt out',
    weight: 4,
    exclusive: 'Person',
    run: async (context) => {
      await Promise.all(Array.from({ length: 10 }, () => suppress(context)));
    },
  },
  {
    name: 'a list grows',
    weight: 1,
    exclusive: 'Person',
    run: async ({ declaration, journal, random, settings }) => {
      const [address = ''] = recipients(1, random.between(0, settings.recipients[0] - 1));
      const { inForceMs } = await declaration.edit(({ blocked }) => blocked.add(address));
      journal.suppressions.push({ address, acknowledgedMs: inForceMs + LIST_HEEDED_AFTER_MS });
    },
  },
  {
    name: 'a mailbox is suspended',
    weight: 2,
    exclusive: 'Pause',
    run: (context) => {
      const name = context.random.pick([...context.declaration.declared.caps.keys()]);
      return suspend(context, name, { kind: 'Account', account: addressOf(name) });
    },
  },
  {
    name: 'a campaign is suspended',
    weight: 1,
    exclusive: 'Pause',
    run: (context) => {
      const name = context.random.pick([...context.declaration.declared.campaigns.keys()]);
      return suspend(context, name, { kind: 'Campaign', campaign: name });
    },
  },
  {
    name: 'the pool is suspended',
    weight: 1,
    exclusive: 'Pause',
    run: (context) => suspend(context, 'pool', { kind: 'Pool', pool: POOL.pool }),
  },
];
