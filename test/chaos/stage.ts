/**
 * The processes and proxies of one training, by name: what faults are
 * carried out on. Only processes that this one has started get signals.
 */
import { readFileSync } from 'node:fs';
import { signalTo } from '../cluster/process-table.js';
import { FaultProxy } from './fault-proxy.js';

/** See the head of this file; disposing of it closes the proxies. */
export class Stage implements AsyncDisposable {
  readonly #pids = new Map<string, number>();
  readonly #proxies = new Map<string, FaultProxy>();

  /** Hears of each process that the launcher starts. */
  readonly onStart = (name: string, pid: number): void => {
    this.#pids.set(name === 'server' ? 'server-0' : name, pid);
  };

  /** Puts a proxy before a server; gives the address that others are told. */
  readonly route = async (name: string, url: string): Promise<string> => {
    const address = new URL(url);
    const port = Number(address.port);
    const known = this.#proxies.get(name);
    known?.retarget(port);
    const proxy = known ?? new FaultProxy(port);
    this.#proxies.set(name, proxy);
    address.port = String(known?.port ?? (await proxy.start()));
    return address.href.replace(/\/$/, '');
  };

  /** Sends a signal to a process; false when it is not there. */
  signal(name: string, signal: NodeJS.Signals): boolean {
    const pid = this.pidOf(name);
    return pid !== undefined && signalTo(pid, signal);
  }

  /** The process that has this name now, if it is there. */
  pidOf(name: string): number | undefined {
    const pid = this.#pids.get(name);
    return pid !== undefined && isChild(pid) ? pid : undefined;
  }

  /** The proxy before a server, if there is one. */
  proxyOf(name: string): FaultProxy | undefined {
    return this.#proxies.get(name);
  }

  /** Ends every process at once, those that are stopped too. */
  killAll(): void {
    for (const name of this.#pids.keys()) this.signal(name, 'SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#proxies.values()];
    await Promise.all(all.map((proxy) => proxy.close()));
  }
}

/** Whether it is this process's child: ids are used again (Linux). */
function isChild(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // after the name, in brackets: state, parent
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(parent) === process.pid && state !== 'Z';
  } catch {
    return false;
  }
}
