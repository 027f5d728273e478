import { dirname } from 'node:path';
import { binaryPath } from './binaries.ts';
import { bringUpCluster } from './cluster.ts';
import { installChart } from './installation.ts';

/** `npm run cluster:up`: a cluster for a person to use with kubectl, with the operator installed. */
const write = (line: string) => process.stdout.write(`${line}\n`);
const cluster = await bringUpCluster(write);
await installChart(cluster, write);
write(`The ${cluster.kind} cluster is up, and the operator runs in it. To use it in this shell:`);
write(`  export KUBECONFIG=${cluster.kubeconfig}`);
write(`  export PATH=${dirname(binaryPath('kubectl'))}:$PATH`);
