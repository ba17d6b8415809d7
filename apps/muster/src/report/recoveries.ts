/**
 * What a run lost on its way and how it recovered, from the logs of its
 * processes. Pure. Times are Unix times in milliseconds.
 *
 * ```
 * worker   killed, or silent ............ it works again
 *          killed ..... the step is whole: others did its tasks
 * server   killed ........ training goes on ........ its lost steps are redone
 * ```
 */
import { numberIn } from './json-lines.js';
import { fieldOf, kindOf } from './log-lines.js';
import type { LogLine } from './log-lines.js';
import type { MetricsLines } from './metrics-lines.js';
import { lossesOf } from './losses.js';
import type { Loss } from './losses.js';

/** One process that was lost. */
export interface Recovery extends Loss {
  readonly kind: 'server' | 'worker';
  /** A worker works again; after a server training goes on. */
  readonly backMs: number | undefined;
  /** From the loss to `backMs`. */
  readonly seconds: number | undefined;
  /** From the loss to the next applied step, which has what was lost in it. */
  readonly stallSeconds: number | undefined;
  /** Steps that were applied before and had to be done again. */
  readonly stepsRedone: number;
  /** From the loss until the lost steps were there again. */
  readonly redoneSeconds: number | undefined;
}

/** Finds the recoveries, in the order of time. */
export function recoveriesOf(
  lines: readonly LogLine[],
  metrics: Pick<MetricsLines, 'steps' | 'rewinds'>,
): Recovery[] {
  return lossesOf(lines).map((loss, _, losses) => {
    const next = losses.find(
      ({ process, atMs }) => process === loss.process && atMs > loss.atMs,
    );
    const untilMs = next?.atMs ?? Infinity;
    return recoveryOf(loss, { lines, metrics, untilMs });
  });
}

interface Story {
  readonly lines: readonly LogLine[];
  readonly metrics: Pick<MetricsLines, 'steps' | 'rewinds'>;
  /** When the same process was lost again. */
  readonly untilMs: number;
}

function recoveryOf(loss: Loss, story: Story): Recovery {
  const { atMs, process } = loss;
  const kind = kindOf(process) === 'server' ? 'server' : 'worker';
  const backMs =
    kind === 'server' ? serverBack(loss, story) : workerBack(loss, story);
  const { steps, rewinds } = story.metrics;
  const rewind = rewinds.find(
    (one) => kind === 'server' && one.atMs >= atMs && one.atMs < story.untilMs,
  );
  const redone = rewind && steps.find(({ step }) => step >= rewind.from);
  const nextStep = steps.find((one) => one.atMs > atMs);
  return {
    ...{ ...loss, kind, backMs },
    seconds: secondsTo(atMs, backMs),
    stallSeconds: secondsTo(atMs, nextStep?.atMs),
    stepsRedone: rewind === undefined ? 0 : rewind.from - rewind.step,
    redoneSeconds: secondsTo(atMs, redone?.atMs),
  };
}

/** Training goes on; a lost standby follows again instead. */
function serverBack(loss: Loss, { lines, untilMs }: Story): number | undefined {
  return lines.find(
    ({ atMs, event, process }) =>
      atMs > loss.atMs &&
      atMs < untilMs &&
      (event === 'training-resumed' ||
        (event === 'following' && process === loss.process)),
  )?.atMs;
}

/** By its own log, or else by its coordinator's. */
function workerBack(loss: Loss, { lines, untilMs }: Story): number | undefined {
  const isAfter = ({ atMs }: LogLine) => atMs > loss.atMs && atMs < untilMs;
  const own = lines.filter(({ process }) => process === loss.process);
  const works = own.find((one) => {
    const isServerBack = !Number.isNaN(numberIn(one.fields, 'link'));
    return isAfter(one) && one.event === 'working' && !isServerBack;
  });
  const told = lines.find(
    (one) =>
      isAfter(one) &&
      fieldOf(one, 'workerId') === loss.process &&
      kindOf(one.process) === 'server' &&
      (one.event === 'worker-back' ||
        (one.event === 'worker-joined' && own.length === 0)),
  );
  const moments = [works?.atMs, told?.atMs].filter((ms) => ms !== undefined);
  return moments.length === 0 ? undefined : Math.min(...moments);
}

function secondsTo(fromMs: number, toMs: number | undefined) {
  return toMs === undefined ? undefined : (toMs - fromMs) / 1000;
}
