import { mailboxManifest, poolManifest } from '../../builders/manifest.ts';

interface Creation {
  readonly path: string;
  readonly body: object;
}

/** What is created before the clock runs. */
export interface BenchObjects {
  readonly namespace: string;
  readonly mailboxes: number;
  readonly pools: readonly { readonly name: string; readonly routes: readonly string[] }[];
  readonly creations: readonly Creation[];
}

const NAMESPACE = 'default';

/** Mailboxes that share one Secret, spread over pools by a label. */
export function benchObjects(mailboxes: number, pools: number): BenchObjects {
  const name = (mailbox: number): string => `mailbox-${mailbox}`;
  const ofPool = (pool: number): string[] =>
    Array.from({ length: mailboxes }, (_, index) => index)
      .filter((index) => index % pools === pool)
      .map((index) => `mailbox/${name(index)}`);
  // The login that all share, and that without which no sender starts.
  const secrets = [
    { metadata: { name: 'login' }, stringData: { appPassword: 'abcdefghijklmnop' } },
    { metadata: { name: 'mailers-redis' }, stringData: { url: 'redis://redis:6379' } },
  ].map((body) => ({ path: `/api/v1/namespaces/${NAMESPACE}/secrets`, body }));
  const own = (plural: string): string => `/apis/mailers.io/v1alpha1/namespaces/${NAMESPACE}/${plural}`;
  const mailboxCreations = Array.from({ length: mailboxes }, (_, index) => ({
    path: own('mailboxes'),
    body: {
      ...mailboxManifest({
        address: `${name(index)}@example.com`,
        auth: { appPassword: { secretRef: { name: 'login' } } },
      }),
      metadata: { name: name(index), labels: { pool: `pool-${index % pools}` } },
    },
  }));
  const poolCreations = Array.from({ length: pools }, (_, pool) => ({
    path: own('sendingpools'),
    body: poolManifest(
      { mailboxes: { selector: { matchLabels: { pool: `pool-${pool}` } } } },
      `pool-${pool}`,
    ),
  }));
  return {
    namespace: NAMESPACE,
    mailboxes,
    pools: Array.from({ length: pools }, (_, pool) => ({ name: `pool-${pool}`, routes: ofPool(pool) })),
    creations: [...secrets, ...poolCreations, ...mailboxCreations],
  };
}
