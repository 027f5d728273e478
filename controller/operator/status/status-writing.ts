import type { KindName } from '../../api/resource-kind.ts';
import { ResourceClient } from '../kube/resource-client.ts';
import type { Transport } from '../kube/transport.ts';
import { FIELD_MANAGER } from '../objects/object-labels.ts';
import { ownType } from '../resource-types.ts';
import type { StatusIntent } from './status-desk.ts';

/** Writes the status of an object of any kind of ours, by server-side apply of the status subresource. */
export function statusWriting(
  transport: Transport,
): (intent: StatusIntent, signal: AbortSignal) => Promise<void> {
  const clients = new Map<KindName, ResourceClient>();
  return (intent, signal) => {
    const client = clients.get(intent.kind) ?? new ResourceClient(transport, ownType(intent.kind));
    clients.set(intent.kind, client);
    return client.applyStatus(intent, { fieldManager: FIELD_MANAGER, signal });
  };
}
