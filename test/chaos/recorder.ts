/**
 * Notes when which step of a training was there.
 */
import type { Report } from './launcher.js';
import type { CourseEvent } from './statistics.js';

/** See the head of this file. */
export class Recorder {
  /** A few a second. */
  readonly steps: CourseEvent[] = [];
  #lastMs = 0;
  readonly #onReport: (report: Report) => void;

  /** @param onReport hears every report too. */
  constructor(onReport: (report: Report) => void) {
    this.#onReport = onReport;
  }

  /** From the first step to the end of the last epoch, evaluation too. */
  get seconds(): number {
    const firstMs = this.steps[0]?.atMs ?? this.#lastMs;
    return (this.#lastMs - firstMs) / 1000;
  }

  /** Hears a report of the launcher. */
  report(report: Report): void {
    const atMs = Date.now();
    if (report.type === 'progress') {
      this.steps.push({ type: 'step', atMs, version: report.step });
    } else if (report.type === 'epoch') this.#lastMs = atMs;
    this.#onReport(report);
  }
}
