/**
 * What a training under faults has cost, in numbers. Pure.
 */

/** What a sample of seconds comes to; null where there is none. */
export interface Spread {
  readonly count: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** What is known of the course of a training; times in epoch milliseconds. */
export type CourseEvent =
  /** This version is the newest one: seen at that time. */
  | { readonly type: 'step'; readonly atMs: number; readonly version: number }
  /** Training goes on from `version`; `from` was the newest one before. */
  | {
      readonly type: 'resumed';
      readonly atMs: number;
      readonly version: number;
      readonly from: number;
    };

/** What a training came to. */
export interface Course {
  /** From the first to the last step, nothing left out. */
  readonly seconds: number;
  /** Time of the steps that stayed, in `seconds`: 0 to 1. */
  readonly goodput: number;
  /** Steps of it: the last version minus the first one seen. */
  readonly steps: number;
  /** Sum over the rollbacks: the version before minus the one after. */
  readonly stepsRedone: number;
  readonly rollbacks: number;
}

/**
 * The smallest value that is not below `percent` % of all values: nearest
 * rank, always one of the values. With fewer than 100 of them, the 99th
 * percentile is the greatest one.
 * @param percent above 0, to 100.
 */
export function percentile(
  values: readonly number[],
  percent: number,
): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.max(rank, 1) - 1] ?? null;
}

/** Puts the figures of a sample together. */
export function spreadOf(values: readonly number[]): Spread {
  return {
    count: values.length,
    p50: percentile(values, 50),
    p99: percentile(values, 99),
    max: percentile(values, 100),
  };
}

/** Steps `after + 1` to `upTo`, and the time they took. */
interface Stretch {
  readonly after: number;
  readonly upTo: number;
  readonly ms: number;
}

/**
 * Follows a training. The time of steps is what passed since the version
 * before them was seen, or since training was resumed, whichever is later: so
 * the time from the last step to a recovery's end is nobody's. Steps that a
 * rollback undid lose their time; of steps seen together each has its share.
 * @param events in the order of their times.
 */
export function courseOf(events: readonly CourseEvent[]): Course {
  const steps = events.filter(({ type }) => type === 'step');
  const [first, last] = [steps[0], steps.at(-1)];
  if (!first || !last) return NO_COURSE;
  const taken = new Taken(first);
  const rest = events.slice(events.indexOf(first) + 1);
  for (const event of rest) taken.take(event);
  const ms = last.atMs - first.atMs;
  return {
    seconds: ms / 1000,
    goodput: ms > 0 ? taken.keptMs / ms : 0,
    steps: taken.version - first.version,
    stepsRedone: taken.stepsRedone,
    rollbacks: taken.rollbacks,
  };
}

const NO_COURSE: Course = {
  ...{ seconds: 0, goodput: 0, steps: 0, stepsRedone: 0, rollbacks: 0 },
};

/** Steps that stayed so far. */
class Taken {
  version: number;
  stepsRedone = 0;
  rollbacks = 0;
  #sinceMs: number;
  #stretches: Stretch[] = [];

  constructor({ version, atMs }: CourseEvent) {
    this.version = version;
    this.#sinceMs = atMs;
  }

  get keptMs(): number {
    return this.#stretches.reduce((sum, { ms }) => sum + ms, 0);
  }

  take(event: CourseEvent): void {
    const before = event.type === 'resumed' ? event.from : this.version;
    const highest = Math.max(this.version, before);
    const { version, atMs } = event;
    if (version < highest) this.#rollBack(highest, version);
    else if (event.type === 'step') {
      if (version === this.version) return;
      const ms = atMs - this.#sinceMs;
      this.#stretches.push({ after: this.version, upTo: version, ms });
    }
    this.version = version;
    this.#sinceMs = atMs;
  }

  #rollBack(before: number, version: number): void {
    this.rollbacks += 1;
    this.stepsRedone += before - version;
    this.#stretches = this.#stretches.flatMap((one) => upTo(one, version));
  }
}

function upTo(stretch: Stretch, version: number): Stretch[] {
  const { after, upTo: end, ms } = stretch;
  if (end <= version) return [stretch];
  if (after >= version) return [];
  const share = (version - after) / (end - after);
  return [{ after, upTo: version, ms: ms * share }];
}
