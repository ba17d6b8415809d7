/**
 * What a training under faults came to: one object for programs. Pure.
 */
import { isServer, FAULT_KINDS } from './fault.js';
import type { FaultRecord, FaultKind } from './fault.js';
import type { LogLine } from './log-lines.js';
import { recoveries } from './recoveries.js';
import type { Recovery } from './recoveries.js';
import type { Trained } from './session.js';
import { courseOf, spreadOf } from './statistics.js';
import type { Course, CourseEvent, Spread } from './statistics.js';

/** Seconds of recoveries; those that met another fault are counted apart. */
export interface RecoverySpread {
  readonly alone: Spread;
  readonly overlapped: Spread;
}

/** The JSON of `--json`. Seconds everywhere. */
export interface ChaosReport {
  readonly isSame: boolean;
  /** What differs from the undisturbed run; empty when it is the same. */
  readonly differences: readonly string[];
  readonly sha256: string;
  readonly undisturbedSha256: string;
  readonly faults: Readonly<Record<FaultKind, number>> & {
    readonly total: number;
    readonly killsOfServers: number;
    readonly killsOfCoordinator: number;
    /** Their target was not there: nothing was done. */
    readonly skipped: number;
  };
  readonly rejoin: RecoverySpread;
  readonly serverRestart: RecoverySpread;
  readonly takeover: RecoverySpread;
  /** From SIGKILL to the end of library loading. */
  readonly workerStart: Spread;
  readonly serverStart: Spread;
  readonly unfinished: number;
  readonly course: Course;
  /** Steps a second, as a share of the undisturbed run's. */
  readonly pace: number;
  readonly undisturbedSeconds: number;
}

/** Puts the report together. @param lines of the disturbed run. */
export function reportOf(
  calm: Trained,
  disturbed: Trained,
  lines: readonly LogLine[],
): ChaosReport {
  const found = recoveries(lines, disturbed.faults);
  const undisturbed = courseOf(calm.steps);
  const course = courseOf(courseEvents(disturbed.steps, lines));
  const differences = differencesOf(calm, disturbed);
  return {
    isSame: differences.length === 0,
    differences,
    sha256: disturbed.summary.parametersSha256,
    undisturbedSha256: calm.summary.parametersSha256,
    faults: countsOf(disturbed.faults),
    rejoin: split(found.rejoins),
    serverRestart: split(found.restarts),
    takeover: split(found.takeovers),
    workerStart: secondsOf(found.workerStarts),
    serverStart: secondsOf(found.serverStarts),
    unfinished: found.unfinished,
    course,
    pace: rateOf(course) / rateOf(undisturbed),
    undisturbedSeconds: undisturbed.seconds,
  };
}

/** Steps and resumptions in the order of time. */
export function courseEvents(
  steps: readonly CourseEvent[],
  lines: readonly LogLine[],
): CourseEvent[] {
  const resumed = lines
    .filter(({ event }) => event === 'training-resumed')
    .flatMap(({ atMs, fields }): CourseEvent[] => {
      const { step: version, from } = fields;
      if (typeof version !== 'number') return [];
      // a new coordinator may not know what there was before
      const before = typeof from === 'number' ? from : version;
      return [{ type: 'resumed', atMs, version, from: before }];
    });
  return [...steps, ...resumed].sort((a, b) => a.atMs - b.atMs);
}

function differencesOf(calm: Trained, disturbed: Trained): string[] {
  const names = [
    ...(['outcome', 'parametersSha256', 'reproducible'] as const),
    ...(['steps', 'examplesApplied'] as const),
  ];
  const [expected, got] = [calm.summary, disturbed.summary];
  return names
    .filter((name) => expected[name] !== got[name])
    .map((name) => `${name}: expected ${expected[name]}, got ${got[name]}`);
}

function countsOf(records: readonly FaultRecord[]): ChaosReport['faults'] {
  const done = records.filter(({ isDone }) => isDone);
  const kills = done.filter(({ kind }) => kind === 'kill');
  const byKind = FAULT_KINDS.map((kind) => [
    kind,
    done.filter((one) => one.kind === kind).length,
  ]);
  return {
    ...(Object.fromEntries(byKind) as Record<FaultKind, number>),
    total: done.length,
    killsOfServers: kills.filter(({ target }) => isServer(target)).length,
    killsOfCoordinator: kills.filter(({ target }) => target === 'server-0')
      .length,
    skipped: records.length - done.length,
  };
}

function split(all: readonly Recovery[]): RecoverySpread {
  return {
    alone: secondsOf(all.filter(({ isOverlapped }) => !isOverlapped)),
    overlapped: secondsOf(all.filter(({ isOverlapped }) => isOverlapped)),
  };
}

function secondsOf(all: readonly Recovery[]): Spread {
  return spreadOf(all.map(({ seconds }) => seconds));
}

function rateOf({ steps, seconds }: Course): number {
  return seconds > 0 ? steps / seconds : NaN;
}
