import { readFile } from 'node:fs/promises';

/** What a process has used so far. */
export interface ProcessCost {
  readonly cpuSeconds: number;
  readonly rssMegabytes: number;
  readonly mostRssMegabytes: number;
}

/** Clock ticks of /proc per second: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export async function costOf(pid: number): Promise<ProcessCost> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) / 1024;
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    rssMegabytes: megabytes('VmRSS'),
    mostRssMegabytes: megabytes('VmHWM'),
  };
}
