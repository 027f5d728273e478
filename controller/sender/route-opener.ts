import type { PlanRoute } from '../api/plan.ts';
import type { Reason } from '../api/reasons.ts';
import type { Route } from '../domain/ports/route.ts';

/** A route with its credentials, or what is missing. `version` changes when the credentials do. */
export type OpenedRoute =
  | { readonly ok: true; readonly route: Route; readonly version: string }
  | { readonly ok: false; readonly reason: Reason; readonly message: string };

/** Makes a route of its plan: reads the Secret anew each time, so a rotated one is used at the next connection. */
export type RouteOpener = (route: PlanRoute) => Promise<OpenedRoute>;
