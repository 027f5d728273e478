import { takeDownCluster } from './cluster.ts';

/** `npm run cluster:down`: ends what `npm run cluster:up` started. */
await takeDownCluster();
process.stdout.write('The cluster is down.\n');
