/** The package has no types of its own. */
declare module 'cluster-key-slot' {
  /** The slot of a Redis Cluster that a key lies in, 0 to 16,383: of its hash tag if it has one. */
  function clusterSlot(key: string): number;
  export = clusterSlot;
}
