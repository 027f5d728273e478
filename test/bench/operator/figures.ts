/** What a contender needed. */
export interface Figures {
  readonly name: string;
  /** Objects that had their status when the clock stopped. */
  readonly objects: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly requests: number;
  /** By method, for people. */
  readonly requestsByVerb: string;
  readonly rssMegabytes: number;
  readonly mostRssMegabytes: number;
  /** Share of a core while nothing changes; undefined = not measured. */
  readonly idleShare?: number;
  /** Requests while nothing changed, for people. */
  readonly idleRequests?: string;
}

type Row = readonly [what: string, of: (figures: Figures) => number | undefined, digits: number];

const ROWS: readonly Row[] = [
  ['objects', ({ objects }) => objects, 0],
  ['seconds until all are Ready', ({ seconds }) => seconds, 1],
  ['objects per second', ({ objects, seconds }) => objects / seconds, 0],
  ['client CPU per object, ms', ({ objects, cpuSeconds }) => (cpuSeconds * 1_000) / objects, 2],
  ['client CPU per request, ms', ({ requests, cpuSeconds }) => (cpuSeconds * 1_000) / requests, 2],
  ['resident memory at the end, MB', ({ rssMegabytes }) => rssMegabytes, 0],
  ['resident memory at most, MB', ({ mostRssMegabytes }) => mostRssMegabytes, 0],
  ['idle CPU, % of a core', ({ idleShare }) => (idleShare === undefined ? undefined : idleShare * 100), 2],
];

/** Both contenders side by side, with the ratio of ours to theirs. */
export function comparison(ours: Figures, theirs: Figures | undefined): string {
  const shown = (value: number | undefined, digits: number): string =>
    (value === undefined || Number.isNaN(value) ? '–' : value.toFixed(digits)).padStart(10);
  const lines = ROWS.map(([what, of, digits]) => {
    const [own, other] = [of(ours), theirs && of(theirs)];
    const ratio = own === undefined || other === undefined ? undefined : own / other;
    return `${what.padEnd(34)}${shown(own, digits)}${shown(other, digits)}${shown(ratio, 2)}`;
  });
  return [
    `${''.padEnd(34)}${ours.name.padStart(10)}${(theirs?.name ?? '–').padStart(10)}${'ratio'.padStart(10)}`,
    ...lines,
    `requests: ${ours.requestsByVerb}`,
    `requests while nothing changed: ${ours.idleRequests ?? '–'}`,
  ].join('\n');
}
