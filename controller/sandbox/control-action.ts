import type { ControlRequest } from './control-request.ts';
import type { FaultSwitch } from './fault-switch.ts';
import type { ProviderTwin } from './provider-twin.ts';

/** Carries a control request out; returns how many configured accounts it concerned. */
export function carryOut(
  request: ControlRequest,
  twins: readonly ProviderTwin[],
  faults: FaultSwitch,
): number {
  const scope = { service: request.service, account: request.account };
  const concerned = twins.flatMap((twin) => twin.accountsIn(scope));
  switch (request.action) {
    case 'SetFault':
      faults.set(scope, request.fault, request.forSeconds);
      if (request.fault.kind === 'DropConnections') for (const twin of twins) twin.cutConnections(scope);
      break;
    case 'ClearFaults':
      faults.clear(scope);
      break;
    case 'SetLimits':
      for (const account of concerned) account.usage.change(request.limits);
      break;
    case 'ResetUsage':
      for (const account of concerned) account.usage.reset();
  }
  return concerned.length;
}
