import type { Policy } from '../policy/policy.ts';
import type { TimeZoneCheck } from '../time-zone.ts';
import type { ResourceIndex } from './resource-index.ts';

/** What every route is compiled with. */
export interface RouteSurroundings {
  readonly index: ResourceIndex;
  readonly policy: Policy;
  /** Length of the `Day` window, ms. */
  readonly windowMs: number;
  readonly isTimeZone: TimeZoneCheck;
}
