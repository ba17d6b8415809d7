/**
 * The figures of each applied step, worked out once for all who tell of it.
 * Pure: time is an argument.
 */
import type { Plan, RunReport } from '@muster/cluster';
import { Throughput } from './throughput.js';

/** One applied step. */
export interface AppliedFigures {
  /** Version that the step made. */
  readonly version: number;
  /** From 1. */
  readonly epoch: number;
  /** Examples in the step. */
  readonly count: number;
  /** Mean over the examples, in nats. */
  readonly loss: number;
  /** 0 to 1. */
  readonly accuracy: number;
  readonly learningRate: number;
  readonly gradientNorm: number;
  /** Over the last few seconds. */
  readonly imagesPerSecond: number;
  /** Since the step before; nothing at the first one since training resumed. */
  readonly durationMs: number | undefined;
}

/** See the head of this file. */
export class StepFigures {
  readonly #plan: Plan;
  readonly #throughput = new Throughput();
  #lastStepMs: number | undefined;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** Enters an applied step and gives its figures. */
  add(
    report: Extract<RunReport, { type: 'step-applied' }>,
    nowMs: number,
  ): AppliedFigures {
    const { applied, version, gradientNorm } = report;
    const { count, lossSum, correct, learningRate } = applied;
    const lastMs = this.#lastStepMs;
    this.#lastStepMs = nowMs;
    this.#throughput.add(count, nowMs);
    return {
      ...{ version, count, learningRate, gradientNorm },
      epoch: this.#plan.epochOf(version - 1) + 1,
      loss: lossSum / count,
      accuracy: correct / count,
      imagesPerSecond: this.#throughput.perSecond(),
      durationMs: lastMs === undefined ? undefined : nowMs - lastMs,
    };
  }

  /** Training stood still: the next step has no step before it. */
  resume(): void {
    this.#lastStepMs = undefined;
  }
}
