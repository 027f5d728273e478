import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../process/wait-until.ts';

const mounted = '/sys/fs/cgroup';

/** All pods of the native cluster are below this control group, so that it can be told from anybody else's. */
export const nodeCgroup = 'mailers-node';

/** Makes the node's control group: one for all controllers (cgroup v2) or one in each controller's tree (v1). */
export function makeNodeCgroups(): void {
  for (const tree of cgroupTrees()) mkdirSync(join(tree, nodeCgroup), { recursive: true });
}

/** Removes the node's control groups once the kernel has taken the last ended process out of them. */
export async function removeNodeCgroups(): Promise<void> {
  const left = () =>
    cgroupTrees()
      .map((tree) => join(tree, nodeCgroup))
      .filter((path) => existsSync(path));
  await waitUntil(
    `no process is left in the control groups ${nodeCgroup}`,
    () => {
      for (const path of left()) removeTree(path);
      return left().length === 0;
    },
    { timeoutMs: 20_000, intervalMs: 50 },
  );
}

function cgroupTrees(): string[] {
  if (existsSync(join(mounted, 'cgroup.controllers'))) return [mounted];
  return readdirSync(mounted, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(mounted, entry.name));
}

function removeTree(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(path, entry.name));
  }
  rmdirSync(path);
}
