/**
 * What of the brain's reports belongs on a time line, in one sentence each,
 * and how long what is over has taken. Pure: time is passed in.
 */
import type { RunReport } from '@muster/cluster';
import type { Incident, IncidentKind } from '@muster/dashboard';
import type { CheckpointOutcome } from '../checkpoint-queue.js';
import type { Snapshot } from '../run-state.js';
import { LogBudget } from '../telemetry/log-budget.js';

/** What a peer can cause again and again is told this often a second. */
const REPEATED_PER_SECOND = 5;
/** Workers that are away, of which it is known since when. */
const MAX_AWAY = 1024;
const BYTES_PER_MEGABYTE = 1e6;
const MAX_TEXT = 300;

/** An incident without its time and place. */
interface Story {
  readonly kind: IncidentKind;
  readonly subject: string;
  readonly text: string;
  readonly seconds?: number;
}

/** When and at which version something is told. */
export interface Moment {
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly step: number;
}

/** See the head of this file. */
export class Incidents {
  readonly #awaySince = new Map<string, number>();
  readonly #repeated = new LogBudget(REPEATED_PER_SECOND);
  #hasRun = false;

  /** What a report comes to, if it is for the time line. */
  of(report: RunReport, moment: Moment): Incident | undefined {
    const story = this.#storyOf(report, moment.at);
    return story && told(story, moment);
  }

  #storyOf(report: RunReport, at: number): Story | undefined {
    switch (report.type) {
      case 'worker-joined':
        return this.#joined(report, at);
      case 'worker-away':
        return this.#away(report, at);
      case 'worker-back':
        return this.#back(report.workerId, 'is heard again', at);
      case 'worker-refused':
      case 'task-failed':
        return this.#refusal(report, at);
      case 'not-reproducible': {
        const text =
          'computes with other numerics: these bits cannot be had again';
        return { kind: report.type, subject: report.workerId, text };
      }
      case 'server-lost': {
        const { message, shard } = report;
        const text = `${message}; training waits for it`;
        return { kind: 'server-lost', subject: `server-${shard}`, text };
      }
      case 'training-resumed':
        return this.#resumed(report);
      default:
        return undefined;
    }
  }

  #joined(
    report: Extract<RunReport, { type: 'worker-joined' }>,
    at: number,
  ): Story {
    const { workerId, backend, returned } = report;
    const life = returned ? 'is connected again' : 'has begun anew';
    if (this.#awaySince.has(workerId)) return this.#back(workerId, life, at);
    const text = `joined with ${backend}`;
    return { kind: 'worker-joined', subject: workerId, text };
  }

  #away(
    report: Extract<RunReport, { type: 'worker-away' }>,
    at: number,
  ): Story {
    const { workerId: subject, reason, releasedTasks, message } = report;
    if (reason === 'left')
      return { kind: 'worker-left', subject, text: message };
    if (!this.#awaySince.has(subject)) this.#awaySince.set(subject, at);
    const [oldest] = this.#awaySince.keys();
    if (this.#awaySince.size > MAX_AWAY && oldest !== undefined) {
      this.#awaySince.delete(oldest);
    }
    const text = `${reason}: ${message}; ${releasedTasks} of its tasks go to others`;
    return { kind: 'worker-lost', subject, text };
  }

  #back(subject: string, text: string, at: number): Story {
    const since = this.#awaySince.get(subject) ?? at;
    this.#awaySince.delete(subject);
    const seconds = (at - since) / 1000;
    return { kind: 'worker-back', subject, text, seconds };
  }

  #refusal(
    report: Extract<RunReport, { type: 'worker-refused' | 'task-failed' }>,
    at: number,
  ): Story | undefined {
    const budget = this.#repeated.take(at);
    if (budget === undefined) return undefined;
    const { type: kind, workerId: subject, code, message } = report;
    const { skipped } = budget;
    const others = skipped > 0 ? ` (and ${skipped} more like it)` : '';
    return { kind, subject, text: `${message} (${code})${others}` };
  }

  #resumed(
    report: Extract<RunReport, { type: 'training-resumed' }>,
  ): Story | undefined {
    const { version, from, seconds } = report;
    const isFirst = !this.#hasRun;
    this.#hasRun = true;
    if (isFirst && seconds === 0) return undefined;
    const numAgain = Math.max(0, from - version);
    const again = numAgain > 0 ? `, ${numAgain} steps are done again` : '';
    const text = `training goes on from step ${version}${again}`;
    return { kind: 'server-back', subject: 'servers', text, seconds };
  }
}

/** What a checkpoint comes to; nothing where a newer one took its place. */
export function checkpointIncident(
  outcome: CheckpointOutcome<Snapshot>,
  shard: number,
  moment: Moment,
): Incident | undefined {
  const subject = `server-${shard}`;
  const { version, parameters, slots } = outcome.snapshot;
  if (outcome.outcome === 'skipped') return undefined;
  if (outcome.outcome === 'failed') {
    const text = `no checkpoint of step ${version}: ${outcome.error.message}; training goes on`;
    return told({ kind: 'checkpoint-failed', subject, text }, moment);
  }
  const numBytes = [parameters, ...Object.values(slots)].reduce(
    (sum, { byteLength }) => sum + byteLength,
    0,
  );
  const size = (numBytes / BYTES_PER_MEGABYTE).toFixed(1);
  const text = `wrote step ${version} (${size} MB) in ${outcome.seconds.toFixed(2)} s`;
  return told({ kind: 'checkpoint', subject, text }, moment);
}

function told(
  { kind, subject, text, seconds }: Story,
  moment: Moment,
): Incident {
  return {
    ...{ type: 'incident', ...moment, kind, subject },
    text: text.slice(0, MAX_TEXT),
    seconds: seconds ?? null,
  };
}
