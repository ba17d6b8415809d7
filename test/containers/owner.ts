/**
 * Who made a container, a network or a volume: the process that runs the
 * tests. Others may run theirs on the same engine; nothing of a living
 * process is swept away.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** On everything that a test makes; its value is an owner. */
export const OWNER_LABEL = 'io.muster.test.owner';

/**
 * A process as a label says it: `HOST/PID/STARTED`, the last in the kernel's
 * ticks since it booted, as a process id comes round again.
 */
export function ownerOf(pid: number): string {
  return `${hostname()}/${pid}/${startedAt(pid) ?? 'gone'}`;
}

/** Whether an owner may still come back for what it made. */
export function isAlive(owner: string): boolean {
  const [host, pid, started] = owner.split('/');
  // of another machine's processes nothing is known here
  return host !== hostname() || startedAt(Number(pid)) === started;
}

/** Field 22 of `/proc/PID/stat`; the second may hold spaces. */
function startedAt(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
