import type { EmailServiceProviderStatus } from '../../api/email-service-provider.ts';
import type { PlanEsp } from '../../api/plan.ts';
import type { EmailServiceProvider } from '../../api/resource.ts';
import type { LaneState } from '../ports/lane-ledger.ts';
import type { QuotaUsage } from '../ports/quota-ledger.ts';
import type { RouteCounters } from '../ports/report-ledger.ts';
import { routeConditions } from './route-conditions.ts';
import { routeCounts } from './route-counts.ts';
import { routeState, unservedState, type RouteState } from './route-state.ts';
import { faultsOf, statusHead, type StatusMoment } from './status-subject.ts';

/** A provider with what the plans and the ledger say of it. One provider may serve several pools: one element each. */
export interface EspFacts {
  readonly esp: EmailServiceProvider;
  readonly places: readonly EspPlace[];
  readonly usage?: QuotaUsage;
}

interface EspPlace {
  readonly pool: string;
  readonly route: PlanEsp;
  /** True when the pool wants no sender pod. */
  readonly isUnserved?: boolean;
  readonly lane?: LaneState;
  readonly counters?: RouteCounters;
}

function sum(counters: readonly RouteCounters[]): RouteCounters | undefined {
  const total = (pick: (one: RouteCounters) => number): number =>
    counters.reduce((all, one) => all + pick(one), 0);
  const first = counters[0];
  if (first === undefined) return undefined;
  const replies = counters.flatMap(({ lastReply }) => (lastReply === undefined ? [] : [lastReply]));
  const latest = replies.sort((a, b) => b.timeMs - a.timeMs)[0];
  return {
    ...first,
    sent: total((one) => one.sent),
    deferred: total((one) => one.deferred),
    failed: total((one) => one.failed),
    overflow: total((one) => one.overflow),
    ...(latest === undefined ? {} : { lastReply: latest }),
  };
}

/** What it does in each of its pools; one without senders tells nothing while another has some. */
function statesOf({ places, usage }: EspFacts, { nowMs, watch }: StatusMoment): RouteState[] {
  const served = places.filter(({ isUnserved }) => isUnserved !== true);
  return (served.length > 0 ? served : places).map(({ pool, route, lane, isUnserved }) => {
    const state = routeState(route, { usage, lane }, nowMs, watch);
    return isUnserved ? unservedState(state, pool) : state;
  });
}

/** The status of an EmailServiceProvider. Its state is the first pool's in which it is not well, else well. */
export function espStatus(facts: EspFacts, moment: StatusMoment): EmailServiceProviderStatus {
  const { esp, places, usage } = facts;
  const { problems, nowMs } = moment;
  const states = statesOf(facts, moment);
  const state = states.find(({ reason }) => reason !== 'Connected') ?? states[0];
  const counters = sum(places.flatMap(({ counters: one }) => (one === undefined ? [] : [one])));
  const conditions = routeConditions({
    faults: faultsOf(esp, problems),
    blocked: undefined,
    state,
    isHeld: places.some(({ lane }) => lane !== undefined),
    object: esp,
  });
  return {
    ...statusHead(esp, conditions, nowMs),
    ...(state === undefined ? {} : { state: state.reason === 'Connected' ? 'Ready' : state.reason }),
    ...(usage === undefined ? {} : { used: usage.used }),
    ...routeCounts(counters),
    ...(counters === undefined ? {} : { overflow: counters.overflow }),
  };
}
