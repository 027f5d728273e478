const PORTS: Readonly<Record<string, string>> = { '': '6379', '+sentinel': '26379', '+cluster': '6379' };
const LOCAL: ReadonlySet<string> = new Set(['localhost', '[::1]', '127.0.0.1']);

/**
 * Where a ledger is, without the login and in one spelling: `redis://127.0.0.1:6379/0 mailers`. Equal for equal places, so that what is remembered
 * of a ledger is found again. A URL that is none is kept as it is: opening it says so.
 */
export function ledgerPlace(url: string, prefix: string): string {
  const parts = /^rediss?(\+sentinel|\+cluster)?:\/\/(?:[^@/]*@)?([^/?]*)(?:\/([^?]*))?/.exec(url);
  if (parts === null) return `${url} ${prefix}`;
  const [, kind = '', hosts = '', path = ''] = parts;
  const spelled = hosts
    .toLowerCase()
    .split(',')
    .map((host) => hostOf(host, PORTS[kind] ?? ''))
    .sort()
    .join(',');
  // Only a single Redis has numbered databases; a Sentinel's path is the name of the primary.
  const rest = kind === '+cluster' ? '' : `/${path === '' ? '0' : path}`;
  return `redis${kind}://${spelled}${rest} ${prefix}`;
}

function hostOf(host: string, defaultPort: string): string {
  const [, name = host, port = defaultPort] = /^(.*):(\d+)$/.exec(host) ?? [];
  return `${LOCAL.has(name) || name === '' ? '127.0.0.1' : name}:${port}`;
}
