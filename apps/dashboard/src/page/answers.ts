/**
 * The four questions of whoever looks at a run, each answered with a figure
 * and a sentence: is it learning, how fast, who holds it up, what was lost.
 */
import type { WorkerRow } from '../feed.js';
import { count, counted, duration, figure, percent } from './format.js';
import type { RunModel } from './run-model.js';
import { smoothed, spanFor } from './smoothing.js';

/** From this pace on a worker is called a straggler: half as slow again. */
export const STRAGGLING = 1.5;

/** What is shown under a question. */
export interface Answer {
  /** The figure, short. */
  readonly value: string;
  /** One sentence; no full stop. */
  readonly text: string;
  readonly tone: 'good' | 'watch' | 'bad' | 'none';
}

/** Is it learning? The test accuracy, and where the loss goes. */
export function learning(model: RunModel): Answer {
  const accuracy = model.epochs.at(-1)?.testAccuracy;
  const { loss } = model.points;
  const last = loss.at(-1);
  if (last === undefined) {
    return { value: '–', text: 'no step was applied yet', tone: 'none' };
  }
  const value =
    accuracy === undefined ? `loss ${figure(last)}` : percent(accuracy, 2);
  const of =
    accuracy === undefined
      ? 'no evaluation yet'
      : `of the test set; loss ${figure(last)}`;
  if (last === null) {
    const text = 'the loss is not a number: lower the learning rate';
    return { value, text, tone: 'bad' };
  }
  if (model.state?.phase === 'ended') {
    return { value, text: `${of} at the end`, tone: 'good' };
  }
  const { word, tone } = trend(loss);
  return { value, text: `${of}, ${word}`, tone };
}

/** Compares the smoothed loss with that of a fifth of the points before. */
function trend(loss: readonly (number | null)[]): Pick<Answer, 'tone'> & {
  readonly word: string;
} {
  const values = smoothed(loss, spanFor(loss.length) * 2).filter(
    (value) => value !== null,
  );
  const now = values.at(-1) ?? 0;
  const before = values.at(-1 - Math.ceil(values.length / 5)) ?? now;
  if (values.length < 5) return { word: 'just begun', tone: 'none' };
  if (now < before * 0.98) return { word: 'falling', tone: 'good' };
  if (now > before * 1.2) return { word: 'rising', tone: 'watch' };
  return { word: 'level', tone: 'good' };
}

/** How fast? Images a second, and when it is done. */
export function pace(model: RunModel): Answer {
  const { state, facts } = model;
  if (!state || !facts) return { value: '–', text: '', tone: 'none' };
  if (state.phase === 'ended') {
    const rates = model.points.imagesPerSecond.filter((rate) => rate !== null);
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
    const value = rates.length > 0 ? `${count(mean)} images/s` : '–';
    return { value, text: 'on average, over the run', tone: 'none' };
  }
  const left = state.etaSeconds;
  if (state.phase === 'gathering') {
    return { value: '–', text: 'waiting for workers', tone: 'none' };
  }
  const text =
    left === null ? 'no end in sight yet' : `${duration(left)} to go`;
  const value = `${count(state.imagesPerSecond)} images/s`;
  return { value, text, tone: 'none' };
}

/** Who holds it up? The slowest worker, or nobody. */
export function holdUp({ state }: RunModel): Answer {
  const active = state?.workers.filter((row) => row.state === 'active') ?? [];
  if (state?.phase === 'ended') {
    return { value: '–', text: 'the run is over', tone: 'none' };
  }
  if (active.length === 0) {
    return { value: '–', text: 'no worker is there', tone: 'none' };
  }
  const slowest = active.reduce((a, b) =>
    b.straggling > a.straggling ? b : a,
  );
  if (active.length > 1 && slowest.straggling >= STRAGGLING) {
    const where = longestPhase(slowest);
    const text = `${slowest.straggling.toFixed(1)} times as slow as the median, most of it ${where}`;
    return { value: slowest.workerId, text, tone: 'watch' };
  }
  const waiting = active.filter((row) => longestPhase(row) === 'waiting');
  if (active.length > 1 && waiting.length === active.length) {
    const text = 'the workers mostly wait: use larger leaves or fewer workers';
    return { value: 'the server', text, tone: 'watch' };
  }
  const text = `${counted(active.length, 'worker')} at one pace`;
  return { value: 'nobody', text, tone: 'good' };
}

/** What each phase is called. */
export const PHASES = [
  ['wait', 'waiting'],
  ['data', 'preparing data'],
  ['compute', 'computing'],
  ['encode', 'encoding'],
  ['push', 'pushing'],
  ['pull', 'pulling'],
] as const;

function longestPhase({ phasesMs }: WorkerRow): string {
  const [, name] = PHASES.reduce((a, b) =>
    phasesMs[b[0]] > phasesMs[a[0]] ? b : a,
  );
  return name;
}

/** What was lost? Processes, the seconds until they were made up for, steps. */
export function losses(model: RunModel): Answer {
  const lost = model.incidents.filter(({ kind }) => kind.endsWith('-lost'));
  const seconds = model.incidents.reduce(
    (sum, one) => sum + (one.seconds ?? 0),
    0,
  );
  const goodput = model.state?.goodput ?? null;
  const redone = model.stepsRedone;
  if (lost.length === 0) {
    const text =
      goodput === null
        ? 'no fault so far'
        : `no fault so far; ${percent(goodput)} of the time was of use`;
    return { value: 'nothing', text, tone: 'good' };
  }
  const away = awayNow(model);
  const steps = redone > 0 ? `, ${counted(redone, 'step')} done again` : '';
  const share = `${percent(goodput)} of the time was of use`;
  const value = counted(lost.length, 'fault');
  if (away !== undefined) {
    return { value, text: `${away} is away; ${share}`, tone: 'bad' };
  }
  const text = `${duration(seconds)} of recovery${steps}; ${share}`;
  return { value, text, tone: 'watch' };
}

/** A worker that was lost and did not come back; nobody once it has ended. */
function awayNow({ state }: RunModel): string | undefined {
  if (state?.phase === 'ended') return undefined;
  return state?.workers.find((row) => row.state === 'lost')?.workerId;
}
