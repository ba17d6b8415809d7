/**
 * A run's folder between this machine and the host of its servers: there
 * before a run goes on, and back when it has ended.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RunFolder, findRun } from '../run/run-folder.js';
import type { Host } from './hosts.js';
import type { LaunchPlan } from './plan.js';
import { fetchRunCommand, runCommands, sendRunCommand } from './ship.js';

/** See the head of this file. */
export class RunTransfer {
  readonly #plan: LaunchPlan;

  constructor(plan: LaunchPlan) {
    this.#plan = plan;
  }

  /**
   * Where a run lies, or will lie, on this machine.
   * @param folder where it lies at the servers' host.
   */
  folderHere(folder: string): string {
    const name = folder.slice(folder.lastIndexOf('/') + 1);
    return join(this.#plan.settings.out, name);
  }

  /**
   * Brings a run that goes on to its servers, unless it lies there only.
   * @throws MusterError `ERR_PROCESS_FAILED`.
   */
  async send(host: Host, signal: AbortSignal): Promise<void> {
    const { settings, options } = this.#plan;
    const { resume, out } = settings;
    if (resume === undefined || resume === 'auto' || !options.isSynced) return;
    const run = await findRun(resume, out).catch(() => undefined);
    if (run === undefined) return;
    const command = sendRunCommand(this.#plan, host, run.path, run.name);
    await runCommands([command], signal);
  }

  /**
   * Brings the run's folder back, unless this machine shares it.
   * @param folder at the host; undefined when no run was begun.
   * @throws MusterError `ERR_PROCESS_FAILED`.
   */
  async fetch(
    host: Host,
    folder: string | undefined,
  ): Promise<RunFolder | undefined> {
    if (folder === undefined) return undefined;
    const here = new RunFolder(this.folderHere(folder));
    if (!existsSync(here.definition) || this.#plan.options.isSynced) {
      await runCommands([fetchRunCommand(this.#plan, host, folder, here.path)]);
    }
    return here;
  }
}
