import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const { version } = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'),
) as { version: string };

/**
 * The project's image as the test cluster knows it: made from the Dockerfile, never pulled. It has the name that the chart and the examples take
 * when nobody says another one.
 */
export const appImage = `docker.io/library/mailers:${version}`;

/** What the Dockerfile starts from. */
export const nodeBaseImage = 'docker.io/library/node:26-bookworm-slim';

/** The chart's own Redis. In the native cluster a stand-in made of Debian's redis-server has this name. */
export const redisImage = 'docker.io/library/redis:7.2-bookworm';

/** Holds a pod's namespaces open. */
export const pauseImage = 'registry.k8s.io/pause:3.10';
