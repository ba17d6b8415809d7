/**
 * Processor time of a launcher's processes and of the whole machine, as Linux
 * counts it, in hundredths of a second.
 */
import { readFile, readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

const TICK_MS = 10;

/** Milliseconds since each process, and the machine, began. */
export interface ProcessTimes {
  /** By name: `worker-0`; servers in the order of their ids. */
  readonly workers: ReadonlyMap<string, number>;
  readonly servers: readonly number[];
  /** Of everything on this machine, beside what is idle. */
  readonly machineMs: number;
}

/** Reads what the children of a launcher have used so far. */
export async function readTimes(launcher: number): Promise<ProcessTimes> {
  const workers = new Map<string, number>();
  const servers: number[] = [];
  for (const pid of await childrenOf(launcher)) {
    const usedMs = await processMs(pid);
    const environment = await textOf(`/proc/${pid}/environ`);
    const name = /(?:^|\0)WORKER_ID=([^\0]*)/.exec(environment)?.[1];
    if (name !== undefined) workers.set(name, usedMs);
    else if (/(?:^|\0)PS_SHARD=/.test(environment)) servers.push(usedMs);
  }
  return { workers, servers, machineMs: await readMachineMs() };
}

/** Milliseconds of a process: user and system. */
export async function processMs(pid: number): Promise<number> {
  const fields = fieldsOf(await textOf(`/proc/${pid}/stat`));
  return TICK_MS * (Number(fields[11]) + Number(fields[12]));
}

/** Children, the oldest first. */
async function childrenOf(launcher: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const children: number[] = [];
  for (const pid of pids.map(Number)) {
    const [, parent] = fieldsOf(await textOf(`/proc/${pid}/stat`));
    if (Number(parent) === launcher) children.push(pid);
  }
  return children.sort((a, b) => a - b);
}

/** What stands behind a process's name, from its state on. */
function fieldsOf(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Nothing for a process that has just ended. */
function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

/**
 * Milliseconds that all cores have been busy: user, nice, system, irq, softirq
 * and steal, which others have taken; guests are in user.
 */
export async function readMachineMs(): Promise<number> {
  const [line = ''] = (await textOf('/proc/stat')).split('\n');
  const [user, nice, system, , , irq, softirq, steal] = line
    .split(/\s+/)
    .slice(1)
    .map((ticks) => TICK_MS * Number(ticks));
  return [user, nice, system, irq, softirq, steal].reduce<number>(
    (sum, ms) => sum + (ms ?? 0),
    0,
  );
}

/** Milliseconds of this process and its children, also those that have ended. */
export async function readOwnMs(): Promise<number> {
  const fields = fieldsOf(await textOf('/proc/self/stat'));
  const [childUser, childSystem] = fields.slice(13, 15).map(Number);
  let ownMs = TICK_MS * ((childUser ?? 0) + (childSystem ?? 0));
  const pids = [process.pid, ...(await childrenOf(process.pid))];
  for (const pid of pids) ownMs += await processMs(pid);
  return ownMs;
}

/** Cores of this machine. */
export const NUM_CORES = availableParallelism();
