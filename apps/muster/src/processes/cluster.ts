/**
 * The processes of one run on this machine: parameter servers, their standbys
 * and any number of workers, started in order, started again when they are
 * lost, and ended together.
 */
import { MusterError, toMusterError } from '@muster/protocol';
import type { ServerReport } from '@muster/protocol';
import type { ClusterEnd, ClusterOptions } from './cluster-options.js';
import { Crew } from './crew.js';
import type { StartChild } from './crew.js';

type Listening = Extract<ServerReport, { type: 'listening' }>;

/** See the head of this file. `start` once, then wait for `ended`. */
export class Cluster {
  readonly #options: ClusterOptions;
  readonly #crew: Crew;
  #isSettled = false;
  /** The first server's first one, until others have heard of it. */
  #listening: Listening | undefined;
  #hasListened = false;
  #resolve: (end: ClusterEnd) => void = () => undefined;
  #reject: (error: MusterError) => void = () => undefined;

  /**
   * Resolves when the run has ended and its coordinator has said so; rejects
   * with the earliest cause when it failed. Processes may still be ending.
   */
  readonly ended = new Promise<ClusterEnd>((resolve, reject) => {
    this.#resolve = resolve;
    this.#reject = reject;
  });

  /** @param startChild starts a process; a test gives another way. */
  constructor(options: ClusterOptions, startChild?: StartChild) {
    this.#options = options;
    this.#crew = new Crew(
      options,
      {
        onReport: (name, report) => this.#onReport(name, report),
        onNotice: (text) => this.#notice(text),
        onFailed: (error) => this.#fail(error),
      },
      startChild,
    );
    // whoever starts a cluster awaits `ended`; `start` may fail before
    this.ended.catch(() => undefined);
  }

  /** Starts the first server; the others follow when it listens. */
  start(): void {
    this.#crew.startNext();
  }

  /** Process ids by name, of those that run. */
  get pids(): ReadonlyMap<string, number> {
    return this.#crew.pids;
  }

  /** How many processes were started again. */
  get numRestarts(): number {
    return this.#crew.numRestarts;
  }

  /** Asks for a checkpoint and an orderly end; `ended` tells when. */
  drain(): void {
    this.#crew.drain();
  }

  /** Ends every process at once, with force. */
  kill(): void {
    this.#isSettled = true;
    this.#crew.kill();
  }

  /** Ends every process, with force after a while. Idempotent. */
  async close(): Promise<void> {
    this.#isSettled = true;
    await this.#crew.close();
  }

  /** Waits until every process has ended by itself, then with force. */
  settled(): Promise<void> {
    return this.#crew.settled();
  }

  #onReport(name: string, report: ServerReport): void {
    const isCoordinator = this.#crew.isCoordinator(name);
    switch (report.type) {
      case 'listening':
        return void this.#onListening(name, report);
      case 'promoted':
        this.#crew.promoted(name, report.url);
        this.#notice(`${name} has taken over`);
        return this.#options.onReport(report);
      case 'ended': {
        const { outcome, result } = report;
        if (isCoordinator)
          this.#settle(() => this.#resolve({ outcome, result }));
        return;
      }
      case 'failed':
        // somebody has taken its place: it comes back as a standby
        if (report.code === 'ERR_REPLACED') return;
        return this.#fail(new MusterError(report.code, report.message));
      case 'progress':
      case 'epoch':
      case 'targets':
        if (isCoordinator) this.#options.onReport(report);
        return;
      case 'notice':
        return this.#notice(
          isCoordinator ? report.text : `${name}: ${report.text}`,
        );
      case 'dashboard':
        this.#crew.servesPage(name, report.url);
        return this.#options.onReport(report);
      case 'resumed':
        return this.#options.onReport(report);
      default: {
        const never: never = report;
        throw new MusterError('ERR_INTERNAL', JSON.stringify(never));
      }
    }
  }

  /** Once all who may coordinate are there, everybody hears where. */
  async #onListening(name: string, report: Listening): Promise<void> {
    this.#listening ??= report;
    try {
      await this.#crew.listening(name, report);
    } catch (error) {
      return this.#fail(toMusterError(error));
    }
    const { addresses } = this.#crew;
    if (addresses === undefined || this.#hasListened) return;
    this.#hasListened = true;
    this.#options.onReport({ ...this.#listening, url: addresses.join(',') });
  }

  #notice(text: string): void {
    this.#options.onReport({ type: 'notice', text });
  }

  #fail(error: MusterError): void {
    this.#settle(() => this.#reject(error));
  }

  /** The first one who says how it ended is right. */
  #settle(say: () => void): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#crew.end();
    say();
  }
}
