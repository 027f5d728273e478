import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { borrowCluster, type TestCluster } from './cluster.ts';
import { kubectl } from './kubectl.ts';
import { machineFacts, reasonToSkip } from './machine-facts.ts';
import { nativeCtr, replaceNativeDaemon } from './native-cluster.ts';
import { clusterKind } from './prerequisites.ts';
import { waitUntil } from './process/wait-until.ts';
import { sampleWorkload } from './sample-workload.ts';

const reason = await reasonToSkip('cluster');
const isNative = clusterKind(await machineFacts('cluster')) === 'native';
const title = reason === undefined ? 'a cluster' : `a cluster (${reason})`;
const namespace = `cluster-test-${process.pid}`;

describe.skipIf(reason !== undefined)(title, { timeout: 180_000 }, () => {
  let cluster: TestCluster;
  let giveBack: () => Promise<void>;

  const inNamespace = async (...args: string[]) =>
    (await kubectl(cluster.kubeconfig, ['--namespace', namespace, ...args])).trim();
  const ask = async (what: string, jsonPath: string) =>
    await inNamespace('get', ...what.split(' '), `--output=jsonpath=${jsonPath}`);
  const inWebPod = async (script: string) =>
    await inNamespace('exec', 'deployment/web', '--', 'node', '-e', script);

  beforeAll(async () => {
    ({ cluster, giveBack } = await borrowCluster((line) => process.stderr.write(`${line}\n`)));
    await kubectl(cluster.kubeconfig, ['create', 'namespace', namespace]);
    await kubectl(cluster.kubeconfig, ['apply', '--namespace', namespace, '--filename', '-'], {
      input: JSON.stringify(sampleWorkload(cluster.image)),
    });
    await inNamespace('rollout', 'status', 'deployment/web', '--timeout=120s');
    await inNamespace('rollout', 'status', 'statefulset/redis', '--timeout=120s');
  }, 3_600_000);

  afterAll(async () => {
    await kubectl(cluster.kubeconfig, ['delete', 'namespace', namespace, '--wait=false']);
    await giveBack();
  }, 180_000);

  it("runs two replicas of the project's image, as nobody, on a read-only root", async () => {
    expect(await ask('deployment web', '{.status.readyReplicas}')).toBe('2');
    expect(await inNamespace('exec', 'deployment/web', '--', 'id', '-u')).toBe('65532');
  });

  it('resolves Services by name and carries requests to their pods', async () => {
    const answer = await inWebPod(
      "fetch('http://web/asked').then((reply) => reply.text()).then(console.log)",
    );
    expect((await ask('pods --selector=app=web', '{.items[*].metadata.name}')).split(' ')).toContain(answer);
    expect(await inNamespace('logs', answer)).toContain('/asked');
  });

  it('resolves the pods of a StatefulSet by name', async () => {
    const host = `redis-0.redis.${namespace}.svc.cluster.local`;
    const found = await inWebPod(
      `require('node:dns').promises.lookup('${host}').then(({ address }) => console.log(address))`,
    );
    expect(found).toBe(await ask('pod redis-0', '{.status.podIP}'));
  });

  it('keeps what Redis has stored when its pod is replaced', async () => {
    expect(await inNamespace('exec', 'redis-0', '--', 'redis-cli', 'set', 'key', 'kept')).toBe('OK');
    await inNamespace('delete', 'pod', 'redis-0');
    await inNamespace('rollout', 'status', 'statefulset/redis', '--timeout=60s');
    expect(await inNamespace('exec', 'redis-0', '--', 'redis-cli', 'get', 'key')).toBe('kept');
  });

  describe.runIf(isNative)('on this very machine', () => {
    it('keeps its pods through a kill of the API server and of the kubelet', async () => {
      const pods = '{range .items[*]}{.metadata.uid}:{.status.containerStatuses[0].restartCount} {end}';
      const before = await ask('pods', pods);
      await replaceNativeDaemon('kube-apiserver', 'SIGKILL');
      await replaceNativeDaemon('kubelet', 'SIGKILL');
      // An exec goes through both.
      await waitUntil('a pod can be entered', async () => await inWebPod('console.log("here")'), {
        timeoutMs: 60_000,
      });
      expect(await ask('pods', pods)).toBe(before);
    });

    it('starts a container again that was killed behind its back', async () => {
      const container = await ask('pod redis-0', '{.status.containerStatuses[0].containerID}');
      await nativeCtr(['tasks', 'kill', '--signal', 'SIGKILL', container.replace('containerd://', '')]);
      await inNamespace(
        'wait',
        'pod/redis-0',
        '--for=jsonpath={.status.containerStatuses[0].restartCount}=1',
        '--timeout=60s',
      );
    });
  });
});
