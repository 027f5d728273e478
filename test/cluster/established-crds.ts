import { kubectl } from './kubectl.ts';
import { waitUntil } from './process/wait-until.ts';

type CrdList = { items: { status?: { conditions?: { type: string; status: string }[] | null } }[] };

/** Waits until every CRD is in force. `kubectl wait` cannot: it fails on one that is so new that it has no conditions yet. */
export async function untilCrdsEstablished(kubeconfig: string): Promise<void> {
  await waitUntil(
    'every CRD is established',
    async () => {
      const { items } = JSON.parse(await kubectl(kubeconfig, ['get', 'crd', '--output=json'])) as CrdList;
      return items.every(({ status }) =>
        status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True'),
      );
    },
    { timeoutMs: 60_000 },
  );
}
