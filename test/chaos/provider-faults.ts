import { setTimeout as sleep } from 'node:timers/promises';
import { addressOf, loginFiles, loginOf, PASSWORD } from '../fleet/fleet-manifests.ts';
import type { ChaosContext, Fault } from './fault.ts';

interface Trouble {
  readonly fault: object;
  readonly forMs: number;
  readonly account: string | undefined;
}

function mailboxOf({ declaration, random }: ChaosContext): string {
  return random.pick([...declaration.declared.caps.keys()]);
}

/** A mailbox, an ESP, or now and then all of them. */
function someAccount(context: ChaosContext): string | undefined {
  const { random, declaration } = context;
  if (random.isTrue(0.1)) return undefined;
  return random.isTrue(0.25)
    ? loginOf(random.pick(declaration.declared.esps))
    : addressOf(mailboxOf(context));
}

async function trouble({ fleet, journal }: ChaosContext, { fault, forMs, account }: Trouble): Promise<void> {
  const scope = account === undefined ? {} : { account };
  const what = `${account ?? 'all providers'}: ${JSON.stringify(fault)} for ${forMs} ms`;
  await journal.during({ kind: 'Provider', what, ...scope }, async () => {
    await fleet.control({ action: 'SetFault', fault, ...scope });
    await sleep(forMs);
    await fleet.control({ action: 'ClearFaults', ...scope });
  });
}

/** Troubles of the providers, switched on for a moment. */
export const PROVIDER_FAULTS: readonly Fault[] = [
  {
    name: 'connections are cut',
    weight: 2,
    exclusive: 'Provider',
    run: (context) => {
      const forMs = context.random.between(50, 1_500);
      return trouble(context, { fault: { kind: 'DropConnections' }, forMs, account: someAccount(context) });
    },
  },
  {
    name: 'a provider hangs',
    weight: 2,
    exclusive: 'Provider',
    run: (context) => {
      const forMs = context.random.between(500, 4_000);
      return trouble(context, { fault: { kind: 'Hang' }, forMs, account: someAccount(context) });
    },
  },
  {
    name: 'a provider takes no connections',
    weight: 1,
    exclusive: 'Provider',
    run: (context) => {
      const fault = {
        kind: 'Reply',
        at: 'Auth',
        reply: '421 4.3.0 Temporary System Problem. Try again later.',
      };
      return trouble(context, {
        fault,
        forMs: context.random.between(200, 2_000),
        account: someAccount(context),
      });
    },
  },
  {
    name: 'an account is blocked for what it sends',
    weight: 0.5,
    exclusive: 'Provider',
    run: (context) => {
      const reply = '550 5.7.1 Our system has detected that this message is likely unsolicited mail.';
      const fault = { kind: 'Reply', at: 'Dot', reply };
      return trouble(context, { fault, forMs: 400, account: addressOf(mailboxOf(context)) });
    },
  },
  {
    name: 'a login is refused until its Secret changes',
    weight: 1,
    exclusive: 'Provider',
    run: async (context) => {
      const name = mailboxOf(context);
      const account = addressOf(name);
      // Cutting the connections makes the senders log in again.
      await trouble(context, { fault: { kind: 'DropConnections' }, forMs: 50, account });
      const forMs = context.random.between(500, 2_000);
      await trouble(context, { fault: { kind: 'RefuseLogins' }, forMs, account });
      const spaces = ' '.repeat(context.random.between(1, 9));
      const rotated = { accounts: [{ address: account, appPassword: PASSWORD.replaceAll(' ', spaces) }] };
      await context.fleet.writeLogins(loginFiles(rotated));
      context.journal.note(`${account}: Secret changed`);
    },
  },
  {
    name: "a provider's own limit is lower than the cap for a while",
    weight: 1,
    exclusive: 'Provider',
    run: async (context) => {
      const account = addressOf(mailboxOf(context));
      const { windowMs } = context.settings;
      const limit = (max: number) =>
        context.fleet.control({
          action: 'SetLimits',
          account,
          limits: { recipients: { max, windowSeconds: windowMs / 1000 } },
        });
      context.journal.note(`${account}: lower limit at the provider`);
      await limit(context.random.between(5, 20));
      await sleep(windowMs / 4);
      await limit(1_000_000);
    },
  },
];
