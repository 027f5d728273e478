/**
 * The operator on 10,000 Mailboxes and 100 SendingPools that are there when it starts: how long until all are Ready, what that costs, and
 * what it costs to stand by. Beside it the Go peer in `peer/` (controller-runtime: one cache, one status per Mailbox, nothing else), where Go is there.
 *
 *     node test/bench/operator.ts [mailboxes] [pools]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControlPlane, type ControlPlane } from '../cluster/control-plane.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { systemClock } from '../../controller/operator/kube/clock.ts';
import { accessFromKubeconfig } from '../../controller/operator/kube/kube-config.ts';
import { Transport } from '../../controller/operator/kube/transport.ts';
import { benchObjects } from './operator/objects.ts';
import { runOperator } from './operator/operator-run.ts';
import { buildPeer, runPeer } from './operator/peer-run.ts';
import { comparison, type Figures } from './operator/figures.ts';

const MAILBOXES = Number(process.argv[2] ?? 10_000);
const POOLS = Number(process.argv[3] ?? 100);
const CRDS = join(import.meta.dirname, '..', '..', 'crds');
const CREATED_AT_A_TIME = 24;

const objects = benchObjects(MAILBOXES, POOLS);
console.log(
  `${MAILBOXES} Mailboxes, ${POOLS} SendingPools, created beforehand; API server and etcd on the same machine`,
);
const ours = await onFreshPlane((plane, transport) => runOperator(plane, transport, objects));
console.log(
  `${comparison(ours, undefined)}\nThe Go peer: built once, which takes minutes, then run on objects of its own`,
);
const peer = await buildPeer(join(import.meta.dirname, 'peer'));
const theirs =
  peer === undefined ? undefined : await onFreshPlane((plane) => runPeer(peer, plane, MAILBOXES));
console.log(comparison(ours, theirs));

async function onFreshPlane(
  measure: (plane: ControlPlane, transport: Transport) => Promise<Figures>,
): Promise<Figures> {
  const dir = await mkdtemp(join(tmpdir(), 'bench-operator-'));
  const plane = await startControlPlane({ dir });
  const access = await accessFromKubeconfig([plane.kubeconfig]);
  const transport = new Transport({ access, clock: systemClock, random: Math.random });
  try {
    await kubectl(plane.kubeconfig, ['apply', '-k', CRDS]);
    await kubectl(plane.kubeconfig, ['wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all']);
    await create(transport);
    return await measure(plane, transport);
  } finally {
    await transport.close();
    await plane.stop();
    await rm(dir, { recursive: true });
  }
}

async function create(transport: Transport): Promise<void> {
  const began = performance.now();
  const waiting = [...objects.creations].reverse();
  await Promise.all(
    Array.from({ length: CREATED_AT_A_TIME }, async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        await transport.send({ operation: 'create', method: 'POST', path: next.path, body: next.body });
      }
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  console.log(`created in ${seconds.toFixed(1)} s (${Math.round(objects.creations.length / seconds)}/s)`);
}
