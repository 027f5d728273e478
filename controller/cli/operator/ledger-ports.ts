const REDIS_PORT = 6379;
const SENTINEL_PORT = 26379;

/** The ports that a ledger URL leads to: the sender pods may reach these. With Sentinel, its own and those of the servers behind it. */
export function ledgerPorts(url: string): number[] {
  const [, protocol = '', hosts = ''] = /^([a-z+]+):\/\/(?:[^@/]*@)?([^/]*)/.exec(url) ?? [];
  const isSentinel = protocol.endsWith('+sentinel');
  const ports = hosts
    .split(',')
    .map((host) => Number(/:(\d+)$/.exec(host)?.[1] ?? (isSentinel ? SENTINEL_PORT : REDIS_PORT)));
  return [...new Set(isSentinel ? [...ports, REDIS_PORT] : ports)].sort((a, b) => a - b);
}
