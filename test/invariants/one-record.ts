import type { AttemptRecord } from '../../controller/api/attempt.ts';
import type { ReportRoute } from '../../controller/api/report.ts';
import type { WireTransaction } from '../../controller/api/wire-log.ts';
import { nameOf, transactionsOf, type Evidence, type Violation } from './evidence.ts';
import { matchTransactions } from './transaction-match.ts';

/**
 * Invariant 5: every transaction has exactly one record that says what the provider said, also that of a sender which was killed; every
 * record that claims a reply has its transaction, and the report counts what providers accepted.
 */
export function recordViolations(evidence: Evidence): Violation[] {
  const { pairs, unrecorded, unseen } = matchTransactions(evidence);
  const texts = [
    ...unrecorded.map((transaction) => `${nameOf(transaction)} left no attempt record.`),
    ...unseen.map((record) => `${named(record)} claims ${record.code} to ${record.command}; nobody saw it.`),
    ...pairs.flatMap(({ transaction, record }) => contradictions(transaction, record)),
    ...numberedTwice(evidence.attempts),
    ...figures(evidence),
  ];
  return texts.map((text) => ({ invariant: 'OneAttemptOneRecord', text }));
}

function contradictions(transaction: WireTransaction, record: AttemptRecord): string[] {
  const { reply, accepted, repeated } = transaction;
  const faults: string[] = [];
  const said = [record.code, record.enhancedCode].join(' ').trim();
  if (record.code > 0 && !reply.startsWith(said)) {
    faults.push(`${named(record)} says ${said}, but the provider said "${reply}" in ${nameOf(transaction)}.`);
  }
  if (record.outcome === 'Delivered' && !accepted && repeated !== true) {
    faults.push(`${named(record)} is Delivered, but ${nameOf(transaction)} was not accepted.`);
  }
  if (accepted && record.outcome !== 'Delivered' && record.outcome !== 'Uncertain') {
    faults.push(`${named(record)} is ${record.outcome}, but ${nameOf(transaction)} was accepted.`);
  }
  return faults;
}

function numberedTwice(attempts: readonly AttemptRecord[]): string[] {
  const seen = new Set<string>();
  return attempts.flatMap((record) => {
    const key = named(record);
    if (seen.has(key)) return [`${key} has two records.`];
    seen.add(key);
    return [];
  });
}

/** What providers accepted from a route is what the report says was sent by it, or is Uncertain. */
function figures(evidence: Evidence): string[] {
  const routes = evidence.report.pools.flatMap((pool) => pool.routes);
  const esps = routes.filter(({ kind }) => kind === 'ESP');
  const accepted = transactionsOf(evidence).filter((transaction) => transaction.accepted);
  return routes.flatMap((route) => {
    const login = evidence.loginsOfRoutes?.[route.route];
    if (route.kind === 'ESP' && login === undefined && esps.length > 1) {
      throw new Error(
        `There are ${esps.length} ESPs: say in loginsOfRoutes by which login ${route.route} sends.`,
      );
    }
    const own = accepted.filter((transaction) => isBy(transaction, route, login));
    return route.sent <= own.length && own.length <= route.sent + route.uncertain
      ? []
      : [
          `${route.route} says ${route.sent} sent and ${route.uncertain} uncertain, but the provider accepted ${own.length}.`,
        ];
  });
}

function isBy({ service, account }: WireTransaction, route: ReportRoute, login: string | undefined): boolean {
  if (route.kind === 'Mailbox') return service === 'Submission' && account === route.account;
  return service === 'Relay' && (login === undefined || account === login);
}

function named({ namespace, pool, campaign, step, row, attempt }: AttemptRecord): string {
  return `Attempt ${attempt} of ${namespace}/${pool}/${campaign}/${step}/${row}`;
}
