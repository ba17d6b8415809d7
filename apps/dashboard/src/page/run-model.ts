/**
 * What the page knows of a run: the sum of all events so far.
 */
import type {
  EpochFigures,
  FeedMessage,
  Incident,
  Pictures,
  RunFacts,
  RunState,
  StepPoints,
} from '../feed.js';

/** Points kept for the curves; beyond it every other one is dropped. */
export const MAX_POINTS = 4_000;
/** Incidents kept, the newest. */
export const MAX_INCIDENTS = 2_000;

/** The applied steps in columns of equal length, steps ascending. */
export interface Points {
  readonly step: number[];
  readonly loss: (number | null)[];
  readonly accuracy: (number | null)[];
  readonly imagesPerSecond: (number | null)[];
}

/** All that is known; changed by {@link applyMessage} alone. */
export interface RunModel {
  facts: RunFacts | null;
  state: RunState | null;
  pictures: Pictures | null;
  points: Points;
  /** One an epoch, ascending. */
  epochs: EpochFigures[];
  /** In the order in which they happened. */
  incidents: Incident[];
  /** Steps that were applied, lost and had to be done again. */
  stepsRedone: number;
}

/** Nothing is known yet. */
export function emptyModel(): RunModel {
  return {
    facts: null,
    state: null,
    pictures: null,
    points: { step: [], loss: [], accuracy: [], imagesPerSecond: [] },
    epochs: [],
    incidents: [],
    stepsRedone: 0,
  };
}

/**
 * Takes one event in. A `run` begins everything anew: it is the first event of
 * every stream, also of one that was opened again.
 */
export function applyMessage(model: RunModel, message: FeedMessage): void {
  switch (message.type) {
    case 'run':
      Object.assign(model, emptyModel(), { facts: message });
      return;
    case 'points':
      addPoints(model, message);
      return;
    case 'rollback':
      rollBack(model, message.step + 1);
      return;
    case 'epoch':
      addEpoch(model, message);
      return;
    case 'state':
      model.state = message;
      return;
    case 'incident':
      model.incidents.push(message);
      model.incidents.splice(0, model.incidents.length - MAX_INCIDENTS);
      return;
    case 'pictures':
      model.pictures = message;
      return;
    default: // a newer server says more than this page knows of
      message satisfies never;
  }
}

/** An evaluation replaces that of its epoch and voids those after it. */
function addEpoch(model: RunModel, figures: EpochFigures): void {
  const before = model.epochs.filter(({ epoch }) => epoch < figures.epoch);
  model.epochs = [...before, figures];
}

/** Appends; where the new ones begin earlier, the old ones from there are void. */
function addPoints(model: RunModel, added: StepPoints): void {
  const first = added.step[0];
  if (first === undefined) return;
  rollBack(model, first);
  const { points } = model;
  for (let at = 0; at < added.step.length; at += 1) {
    points.step.push(added.step[at] ?? 0);
    points.loss.push(finite(added.loss[at]));
    points.accuracy.push(finite(added.accuracy[at]));
    points.imagesPerSecond.push(finite(added.imagesPerSecond[at]));
  }
  if (points.step.length > MAX_POINTS) model.points = thinned(points);
}

/** Voids what was from step `first` on. */
function rollBack(model: RunModel, first: number): void {
  const { points } = model;
  const last = points.step.at(-1);
  if (last === undefined || last < first) return;
  model.stepsRedone += last - first + 1;
  const kept = points.step.findIndex((step) => step >= first);
  for (const column of Object.values(points) as unknown[][]) {
    column.length = kept;
  }
  model.epochs = model.epochs.filter(({ version }) => version < first);
}

/** Every other point; the last one stays. */
function thinned(points: Points): Points {
  const last = points.step.length - 1;
  const keep = <T>(column: readonly T[]) =>
    column.filter((_, at) => (last - at) % 2 === 0);
  return {
    step: keep(points.step),
    loss: keep(points.loss),
    accuracy: keep(points.accuracy),
    imagesPerSecond: keep(points.imagesPerSecond),
  };
}

function finite(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
