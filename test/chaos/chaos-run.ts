import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxConfigInput } from '../../controller/api/sandbox-config.ts';
import { waitUntil } from '../cluster/process/wait-until.ts';
import { Fleet, POOL } from '../fleet/fleet.ts';
import { accounts, addressOf } from '../fleet/fleet-manifests.ts';
import type { Evidence } from '../invariants/evidence.ts';
import { Declaration, SHARED_LIMITS } from './declaration.ts';
import { EDITS } from './edits.ts';
import { explainUncertain, type Explanations } from './explain-uncertain.ts';
import type { ChaosContext, Fault } from './fault.ts';
import type { Journal } from './journal.ts';
import { PROCESS_FAULTS } from './process-faults.ts';
import { PROVIDER_FAULTS } from './provider-faults.ts';
import { recipientsScript } from './recipients-script.ts';
import { seededRandom, type SeededRandom } from './seeded-random.ts';
import type { ChaosSettings } from './settings.ts';
import { Turns } from './turns.ts';

const FAULTS: readonly Fault[] = [...PROCESS_FAULTS, ...PROVIDER_FAULTS, ...EDITS];
const KINDS: readonly Fault['exclusive'][] = ['Sender', 'Redis', 'Provider', 'Person', 'Pause'];
/** Pause between two faults of a kind, ms. */
const PAUSE_MS = { least: 500, most: 4_000 } as const;
/** An Uncertain message that can be repeated is so within this time, ms, unless its recipient is suppressed by now. */
const REPEATED_WITHIN_MS = 30_000;
/** The pool's limit at first, as a share of what its mailboxes may send together. */
const POOL_LIMIT_SHARE = 1.05;
/** Limits that all routes share are met so soon, ms: within a few windows. */
const LIMITS_BIND_WITHIN_MS = 60_000;
/** A message that is due later than this waits for a schedule of the policy, not for a fault. */
const SCHEDULED_MS = 120_000;
/** The second one sends once per idempotency key. */
const ESPS = ['relay', 'resend'] as const;
const CAMPAIGNS = ['spring', 'summer'] as const;

/** What a chaos run came to. */
export interface ChaosOutcome {
  readonly evidence: Evidence;
  readonly explanations: Explanations;
  readonly journal: Journal;
  readonly durationMs: number;
  /** What each sender process printed. */
  readonly senderOutput: readonly (readonly [string, string])[];
}

/** Runs a fleet under faults until everything has its end, and hands back what it left behind. */
export async function runChaos(settings: ChaosSettings, journal: Journal): Promise<ChaosOutcome> {
  const startedMs = Date.now();
  const mailboxes = Array.from({ length: settings.mailboxes }, (_, index) => `mailbox-${index + 1}`);
  const sandbox: SandboxConfigInput = {
    seed: String(settings.seed),
    ...accounts(mailboxes, ESPS),
    recipients: recipientsScript(mailboxes),
  };
  const fleet = await Fleet.start({ sandbox, windowMs: settings.windowMs });
  try {
    const declaration = await declare(fleet, settings, { journal, mailboxes });
    for (let index = 0; index < settings.senders; index += 1) fleet.startSender();
    await untilLimitsBind(fleet);
    journal.note('faults begin');
    await Promise.all([
      injectFaults({ fleet, declaration, journal, settings }),
      launchSecondCampaign(declaration, settings, journal),
    ]);
    journal.note('no more faults');
    for (const sender of fleet.senders.filter(({ isRunning }) => isRunning)) sender.resume();
    while (fleet.senders.filter(({ isRunning }) => isRunning).length < settings.senders) fleet.startSender();
    await untilDone(fleet, settings);
    journal.note('everything has its end');
    await stopSenders(fleet);
    const evidence = await evidenceOf(fleet, settings, journal);
    const uncertain = await fleet.ledger.queue.uncertain(POOL, 10_000);
    const explanations = explainUncertain(uncertain, { ...evidence, faults: journal.faults, sandbox });
    const senderOutput = fleet.senders.map(
      (sender, index) => [`${index + 1}-${sender.name}`, sender.output()] as const,
    );
    return { evidence, explanations, journal, durationMs: Date.now() - startedMs, senderOutput };
  } finally {
    await fleet.end();
  }
}

async function declare(
  fleet: Fleet,
  settings: ChaosSettings,
  { journal, mailboxes }: { readonly journal: Journal; readonly mailboxes: readonly string[] },
): Promise<Declaration> {
  const random = seededRandom(settings.seed);
  const caps = new Map(mailboxes.map((name) => [name, random.between(...settings.caps)]));
  for (const [name, recipients] of caps) journal.caps.push({ account: addressOf(name), recipients });
  const { windowMs, sharedLimits: ranges } = settings;
  const sharedLimits = new Map(SHARED_LIMITS.map((name) => [name, random.between(...ranges[name])]));
  // The mailboxes use up nearly all of it, whatever their caps are, and overflow the rest.
  const ofMailboxes = [...caps.values()].reduce((sum, cap) => sum + cap, 0);
  sharedLimits.set('pool', Math.round(ofMailboxes * POOL_LIMIT_SHARE));
  for (const [name, recipients] of sharedLimits) journal.shareLimit(name, { recipients, windowMs });
  const declaration = new Declaration(fleet, {
    caps,
    sharedLimits,
    esps: ESPS,
    espPerSecond: settings.espPerSecond,
    campaigns: new Map([[CAMPAIGNS[0], settings.recipients[0]]]),
    suspended: new Set(),
    blocked: new Set(),
  });
  await declaration.edit(() => undefined);
  return declaration;
}

/**
 * Faults, and whatever else the machine does, may keep senders so busy that nobody comes near a limit that all routes share. Each is met
 * once before.
 */
async function untilLimitsBind(fleet: Fleet): Promise<void> {
  const met = new Set<string>();
  const haveBound = async (): Promise<boolean> => {
    const limits = (await fleet.report()).pools.flatMap((pool) => pool.limits);
    for (const { name, state } of limits) if (state.endsWith('QuotaExhausted')) met.add(name);
    return SHARED_LIMITS.every((name) => met.has(name));
  };
  try {
    await waitUntil('every limit that all routes share has bound', haveBound, {
      timeoutMs: LIMITS_BIND_WITHIN_MS,
      intervalMs: 100,
    });
  } catch (error) {
    const { pools } = await fleet.report();
    throw new Error(`bound were ${[...met].join()}: ${JSON.stringify(pools, null, 1)}`, { cause: error });
  }
}

/** Mails the same people again, so that who bounced or opted out meanwhile must be left out. */
async function launchSecondCampaign(
  declaration: Declaration,
  settings: ChaosSettings,
  journal: Journal,
): Promise<void> {
  await sleep(settings.faultsForMs / 3);
  await declaration.edit(({ campaigns }) => campaigns.set(CAMPAIGNS[1], settings.recipients[1]));
  journal.note(`campaign ${CAMPAIGNS[1]} declared`);
}

/** Each kind of fault has its own sequence of choices, so that a seed repeats them whatever the machine does in between. */
async function injectFaults(context: Omit<ChaosContext, 'random'>): Promise<void> {
  const { settings } = context;
  const alone = new Turns();
  const untilMs = Date.now() + settings.faultsForMs;
  const sequences = KINDS.map((kind, index) => {
    const faults = FAULTS.filter(({ exclusive }) => exclusive === kind);
    const own = { ...context, random: seededRandom(settings.seed + index + 1) };
    return inject(own, { faults, alone }, untilMs);
  });
  await Promise.all(sequences);
}

async function inject(
  context: ChaosContext,
  { faults, alone }: { readonly faults: readonly Fault[]; readonly alone: Turns },
  untilMs: number,
): Promise<void> {
  const { random }: { random: SeededRandom } = context;
  for (;;) {
    await sleep(random.between(PAUSE_MS.least, PAUSE_MS.most));
    if (Date.now() > untilMs) return;
    const fault = random.pick(faults, ({ weight }) => weight);
    if (fault.isAlone || fault.exclusive === 'Sender') await alone.run(() => fault.run(context));
    else await fault.run(context);
  }
}

async function untilDone(fleet: Fleet, settings: ChaosSettings): Promise<void> {
  const hasEnded = async (): Promise<boolean> => {
    const campaigns = (await fleet.report()).pools.flatMap((pool) => pool.campaigns);
    const isOpen = campaigns.some(
      ({ pending, inFlight, nextAttempt }) =>
        pending + inFlight > 0 || (nextAttempt !== '' && Date.parse(nextAttempt) < Date.now() + SCHEDULED_MS),
    );
    return !isOpen && !(await mayBeRepeated(fleet));
  };
  try {
    await waitUntil('every message has its end or waits for its schedule', hasEnded, {
      timeoutMs: settings.completeWithinMs,
      intervalMs: 250,
    });
  } catch (error) {
    throw new Error(`left open: ${JSON.stringify((await fleet.report()).pools, null, 1)}`, { cause: error });
  }
}

async function mayBeRepeated(fleet: Fleet): Promise<boolean> {
  const uncertain = await fleet.ledger.queue.uncertain(POOL, 10_000);
  const sinceMs = (await fleet.ledger.now()) - REPEATED_WITHIN_MS;
  return uncertain.some(({ keyedMs }) => keyedMs !== undefined && keyedMs > sinceMs);
}

/** What is read afterwards stands still: a message may be repeated for a day. */
async function stopSenders({ senders }: Fleet): Promise<void> {
  const running = senders.filter(({ isRunning }) => isRunning);
  for (const sender of running) sender.terminate();
  await Promise.all(running.map(({ exited }) => exited));
}

async function evidenceOf(fleet: Fleet, settings: ChaosSettings, journal: Journal): Promise<Evidence> {
  const { caps, sharedCaps, pauses, suppressions } = journal;
  return fleet.evidence({
    caps,
    sharedCaps,
    pauses,
    suppressions,
    audiences: CAMPAIGNS.map((campaign, index) => ({ campaign, accepted: settings.recipients[index] ?? 0 })),
  });
}
