import { existsSync, readFileSync, readdirSync } from 'node:fs';

/**
 * The moment a process started, in clock ticks since boot, or undefined when there is no such process. A zombie counts as none
 * once its last thread is gone: until then a killed process still holds its ports.
 * Together with the pid it names one process for good, though pids are used again. Where there is no /proc it is always 0.
 */
export function startTicks(pid: number): number | undefined {
  if (!existsSync('/proc/self/stat')) return canSignal(pid) ? 0 : undefined;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name in brackets may hold spaces; the fields after it are the state (3rd) … and the start time (22nd).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const isGone = fields[0] === 'Z' && readdirSync(`/proc/${pid}/task`).length === 1;
    return isGone ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}

/** The children that a process has at this moment (Linux). */
export function childrenOf(pid: number): number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return list === '' ? [] : list.split(' ').map(Number);
}

function canSignal(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
