import type { Campaign } from '../../api/resource.ts';
import type { PlanCampaign } from '../../api/plan.ts';
import { parseTime } from './calendar-time.ts';
import { blocking, type Finding } from './problem.ts';

type Times = Pick<PlanCampaign, 'startMs' | 'startDeadlineMs' | 'endMs'>;

/** When a campaign runs, in ms since the epoch. */
export function campaignSchedule(campaign: Campaign): {
  readonly times: Times;
  readonly findings: readonly Finding[];
} {
  const { startTime, endTime, startingDeadlineSeconds } = campaign.spec.schedule ?? {};
  const findings: Finding[] = [];
  const read = (field: string, text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    const ms = parseTime(text);
    if (ms === undefined) {
      const message = `${text} is not a time of the calendar: write one such as 2026-11-24T09:00:00Z`;
      findings.push(blocking(`spec.schedule.${field}`, 'Invalid', message));
    }
    return ms;
  };
  const startMs = read('startTime', startTime);
  const endMs = read('endTime', endTime);
  if (startMs !== undefined && endMs !== undefined && endMs <= startMs) {
    findings.push(blocking('spec.schedule.endTime', 'Invalid', 'endTime must be after startTime'));
  }
  const deadline =
    startMs !== undefined && startingDeadlineSeconds !== undefined
      ? { startDeadlineMs: startMs + startingDeadlineSeconds * 1000 }
      : {};
  return {
    times: {
      ...(startMs === undefined ? {} : { startMs }),
      ...deadline,
      ...(endMs === undefined ? {} : { endMs }),
    },
    findings,
  };
}
