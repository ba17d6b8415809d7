/**
 * Carries out what the worker's brain wants computed: prepares the run's
 * network and data, then one task at a time, and hands in what came of it.
 */
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import type { WorkerEffect, WorkerEvent } from '@muster/cluster';
import { toMusterError } from '@muster/protocol';
import type { Packet, Task } from '@muster/protocol';
import type { Logger } from '@muster/telemetry';
import type { WorkerConfig } from './config.js';
import { findRunData } from './data/worker-data.js';
import { Trainer } from './trainer.js';
import type { WorkerAccess } from './worker-access.js';
import type { WorkerTelemetry } from './worker-telemetry.js';

type EffectOf<T extends WorkerEffect['type']> = Extract<
  WorkerEffect,
  { type: T }
>;

/** What a runner needs of the process around it. */
export interface TaskRunnerOptions {
  readonly config: WorkerConfig;
  readonly access: WorkerAccess;
  readonly log: Logger;
  readonly telemetry: WorkerTelemetry;
  /** Where the coordinator may be, the likeliest first. */
  readonly addresses: () => readonly string[];
  readonly handle: (event: WorkerEvent) => void;
  readonly send: (link: number, packet: Packet) => void;
}

/** See the head of this file. */
export class TaskRunner {
  readonly #options: TaskRunnerOptions;
  #trainer: Trainer | undefined;
  #computing: AbortController | undefined;
  /** Ends what only a worker that goes on has use for. */
  readonly #stopping = new AbortController();

  constructor(options: TaskRunnerOptions) {
    this.#options = options;
  }

  /** Builds the network and finds the data of the run that was joined. */
  async prepare({ definition }: EffectOf<'prepare'>): Promise<void> {
    const { config, access, log, addresses, handle } = this.#options;
    const { readToken, readTls } = access;
    const { signal } = this.#stopping;
    const options = { config, log, readToken, readTls, addresses, signal };
    try {
      this.#trainer = await Trainer.prepare(definition, (run) => {
        this.#options.telemetry.setRun(run);
        return findRunData(run, options);
      });
    } catch (error) {
      const { code, message } = toMusterError(error);
      return handle({ type: 'prepare-failed', code, message });
    }
    const { numParameters, isOnArrival, wire } = this.#trainer;
    handle({ type: 'prepared', numParameters, isOnArrival, wire });
  }

  /** Computes a task; an event tells what came of it, unless it is given up. */
  async compute({ task, parameters }: EffectOf<'compute'>): Promise<void> {
    const { log, telemetry, handle } = this.#options;
    const computing = new AbortController();
    this.#computing = computing;
    const { taskId } = task;
    // What was just sent leaves the process before the cores are busy.
    await yieldToEvents();
    try {
      const event = await this.#resultOf(task, parameters, computing.signal);
      if (event !== undefined) handle(event);
    } catch (error) {
      const { code, message } = toMusterError(error);
      const step = task.kind === 'gradient' ? task.step : task.version;
      log.error('task-failed', { taskId, step, code, message });
      telemetry.taskFailed();
      handle({ type: 'task-failed', taskId, code, message });
    }
  }

  /** Answers between two leaves, as the packet came between two. */
  classify(question: EffectOf<'classify'>): void {
    const { link, requestId, version, image, parameters } = question;
    try {
      const probabilities = this.#trainer?.classify(image, parameters);
      if (probabilities === undefined) return;
      const answer = { requestId, version, probabilities };
      const message = { type: 'classified', ...answer } as const;
      this.#options.send(link, { message });
    } catch (error) {
      const { code, message } = toMusterError(error);
      this.#options.log.error('classify-failed', {
        ...{ step: version, code, message },
      });
    }
  }

  /** Gives up what is being computed. */
  abandon(): void {
    this.#computing?.abort();
  }

  /** Ends downloads and what is being computed. Idempotent. */
  stop(): void {
    this.#stopping.abort();
    this.#computing?.abort();
  }

  /** Gives the network's tensors back. Idempotent. */
  dispose(): void {
    this.#trainer?.dispose();
    this.#trainer = undefined;
  }

  async #resultOf(
    task: Task,
    parameters: Float32Array,
    signal: AbortSignal,
  ): Promise<WorkerEvent | undefined> {
    const trainer = this.#trainer;
    if (trainer === undefined) return undefined;
    const { telemetry } = this.#options;
    const { kind, taskId } = task;
    if (kind === 'evaluate') {
      const result = trainer.evaluate(task, parameters);
      telemetry.evaluated(result.count);
      return { type: 'evaluated', taskId, result };
    }
    const result = await trainer.gradient(task, parameters, signal);
    if (result === undefined) return undefined;
    telemetry.computed(result, result.phases);
    const phases = { ...result.phases, ...telemetry.lastPush };
    return { type: 'computed', taskId, result: { ...result, phases } };
  }
}
