import type { Command } from 'commander';
import type { Plan, PlanRoute } from '../api/plan.ts';
import type { Ledger } from '../domain/ports/ledger.ts';
import type { Stop } from '../domain/ports/quota-ledger.ts';
import { readConfig } from './config.ts';
import { openLedger } from './ledger/open-ledger.ts';
import { planInForce } from './pool-option.ts';

interface ResumeOptions {
  readonly pool: string;
  readonly reason: string;
}

/** Stops that wait for a person. A full window empties by itself: lifting that stop would only be refused by the provider again. */
const LIFTED: readonly Stop['kind'][] = ['Human', 'DnsVerified', 'CredentialChanges'];

/** `mailers resume`: a person has looked at why the provider stopped an account, and lets it send again. */
export function addResumeCommand(program: Command): void {
  program
    .command('resume <route>')
    .description('Let an account send again that the provider stopped, once its cause is gone.')
    .requiredOption('--pool <namespace/name>', 'a pool of the route')
    .requiredOption('--reason <text>', 'what was found and done; it is printed for your records')
    .addHelpText('after', '\nExample: mailers resume mailbox/anna --pool mail/outreach --reason "DKIM fixed"')
    .action(runResume);
}

async function runResume(name: string, options: ResumeOptions): Promise<void> {
  if (options.reason.trim() === '') throw new Error('--reason: say what was found and done');
  const ledger = await openLedger(readConfig(), 'Look');
  try {
    const route = routeOf(await planInForce(ledger, options.pool), name);
    console.log(await resumeRoute(ledger, route, options.reason));
  } finally {
    await ledger.close();
  }
}

/** Lifts the stop; answers what happened, for people. Throws when the stop is one that only time lifts. */
async function resumeRoute(ledger: Ledger, route: PlanRoute, reason: string): Promise<string> {
  const stop = await stopOf(ledger, route);
  if (!stop) return `${route.route} is not stopped; nothing was changed`;
  if (!LIFTED.includes(stop.kind)) {
    const until = stop.untilMs === undefined ? 'later' : new Date(stop.untilMs).toISOString();
    throw new Error(
      `${route.route} waits for its window until ${until} (${stop.text}): that ends by itself, and sending earlier would be refused`,
    );
  }
  await ledger.quota.resume(route.quotaSubject, LIFTED);
  return `${route.route} is resumed (${reason}); it was stopped by: ${stop.text}`;
}

async function stopOf(
  ledger: Ledger,
  { quotaSubject: subject, limits }: PlanRoute,
): Promise<Stop | undefined> {
  const [usage] = await ledger.quota.usage([{ subject, limits }]);
  return usage?.stop;
}

function routeOf(plan: Plan, name: string): PlanRoute {
  const routes = [...plan.mailboxes, ...plan.esps];
  const found = routes.find(({ route }) => route === name);
  if (found) return found;
  const known = routes.map(({ route }) => route).join(', ');
  throw new Error(`Pool ${plan.namespace}/${plan.pool} has no route ${name}; its routes: ${known || 'none'}`);
}
