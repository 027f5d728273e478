import { dirname } from 'node:path';
import { binaryPath } from './binaries.ts';
import { bringUpCluster } from './cluster.ts';

/** `npm run cluster:up`: a cluster for a person to use with kubectl. */
const write = (line: string) => process.stdout.write(`${line}\n`);
const cluster = await bringUpCluster(write);
write(`The ${cluster.kind} cluster is up and has the image ${cluster.image}. To use it in this shell:`);
write(`  export KUBECONFIG=${cluster.kubeconfig}`);
write(`  export PATH=${dirname(binaryPath('kubectl'))}:$PATH`);
