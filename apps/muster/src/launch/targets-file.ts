/**
 * Who serves metrics, in a file that Prometheus reads (`file_sd_configs`): the
 * whole list, put in the place of the one before in one move, so that nobody
 * sees half of it.
 */
import { rename, writeFile } from 'node:fs/promises';
import { MusterError } from '@muster/protocol';
import type { ScrapedProcess } from '@muster/protocol';
import { isOurAddress, targetGroup } from '@muster/telemetry';
import type { Asker, TargetGroup } from '@muster/telemetry';

/** What a file of targets is made with. */
export interface TargetsFileOptions {
  readonly path: string;
  /** Of the host of the servers, as this machine and other hosts reach it. */
  readonly address: string;
  readonly onNote: (text: string) => void;
}

/** See the head of this file. */
export class TargetsFile {
  readonly #options: TargetsFileOptions;
  readonly #asker: Asker;
  /** The last write; each waits for the one before. */
  #written: Promise<void> = Promise.resolve();
  #hasWarned = false;

  private constructor(options: TargetsFileOptions) {
    this.#options = options;
    const { address } = options;
    // Prometheus is taken to be where the launcher is
    const isHere = isOurAddress(address, new Set()) || address === 'localhost';
    const asker = isHere ? '127.0.0.1' : '';
    this.#asker = { asked: address, address: asker, ours: new Set() };
  }

  /**
   * Begins with an empty list.
   * @throws MusterError `ERR_CONFIG` when the file cannot be written.
   */
  static async begin(options: TargetsFileOptions): Promise<TargetsFile> {
    const file = new TargetsFile(options);
    try {
      await file.#put([]);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new MusterError(
        'ERR_CONFIG',
        `who serves metrics cannot be written: ${reason} (--prometheus-targets)`,
        { cause },
      );
    }
    return file;
  }

  /** Writes a list soon; a failure is noted, as training goes on. */
  write(processes: readonly ScrapedProcess[]): void {
    const groups = processes.flatMap(
      (one) => targetGroup(one, this.#asker) ?? [],
    );
    const numMissing = processes.length - groups.length;
    if (numMissing > 0 && !this.#hasWarned) {
      this.#hasWarned = true;
      this.#options.onNote(
        `${numMissing} of ${processes.length} processes serve metrics to their own machine only and are not in ${this.#options.path}: add --metrics-listen 0.0.0.0:0 after --, and --metrics-token-file`,
      );
    }
    this.#written = this.#written
      .then(() => this.#put(groups))
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        this.#options.onNote(
          `who serves metrics could not be written: ${reason} (--prometheus-targets)`,
        );
      });
  }

  /** Leaves an empty list: nothing is to be scraped any more. Idempotent. */
  async end(): Promise<void> {
    this.write([]);
    await this.#written;
  }

  async #put(groups: readonly TargetGroup[]): Promise<void> {
    const { path } = this.#options;
    const next = `${path}.new`;
    await writeFile(next, `${JSON.stringify(groups, undefined, 2)}\n`);
    await rename(next, path);
  }
}
