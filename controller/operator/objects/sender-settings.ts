/** What all pods that the operator makes have in common, from the operator's own configuration. */
export interface SenderSettings {
  /** Image of all roles. */
  readonly image: string;
  /** Secret with the key `url`: where the ledger is. It must exist in the namespace of the pool. */
  readonly redisSecret: string;
  readonly ledgerPrefix: string;
  /** Ports that the ledger's servers listen on, for the NetworkPolicy. */
  readonly ledgerPorts: readonly number[];
}

/** With the ledger that the pods must find. */
export interface PodSettings extends SenderSettings {
  readonly ledgerId: string;
}

/** Key of the ledger's URL in its Secret. */
export const REDIS_URL_KEY = 'url';
