/**
 * All that a page is told of a run, kept within bounds, and handed on to who
 * listens.
 */
import type {
  EpochFigures,
  FeedMessage,
  Incident,
  Pictures,
  RunFacts,
  RunState,
} from '../feed.js';
import { PointHistory } from './point-history.js';
import type { Point } from './point-history.js';

/** Most incidents that are kept; checkpoints are routine. */
const MAX_INCIDENTS = 400;
const MAX_CHECKPOINTS = 100;

/** See the head of this file. */
export class RunRecord {
  readonly facts: RunFacts;
  readonly #points = new PointHistory();
  readonly #incidents: Incident[] = [];
  readonly #checkpoints: Incident[] = [];
  readonly #listeners = new Set<(message: FeedMessage) => void>();
  #epochs: EpochFigures[] = [];
  #pictures: Pictures | undefined;
  #state: RunState | undefined;

  constructor(facts: RunFacts) {
    this.facts = facts;
  }

  /** Whether somebody listens. */
  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  /** All that happened so far, in the order of a stream. */
  history(): readonly FeedMessage[] {
    // what is said here is not said again as news
    this.flushPoints();
    const incidents = [...this.#checkpoints, ...this.#incidents];
    return [
      this.facts,
      ...this.#points.messages(),
      ...this.#epochs,
      ...incidents.sort((a, b) => a.at - b.at),
      ...(this.#pictures ? [this.#pictures] : []),
      ...(this.#state ? [this.#state] : []),
    ];
  }

  /** Calls back with news until the function that it gives is called. */
  subscribe(listener: (message: FeedMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** An applied step; listeners hear of it with {@link flushPoints}. */
  addPoint(point: Point): void {
    this.#points.add(point);
  }

  /** Steps after this one are done again; listeners hear of it at once. */
  rewind(step: number): void {
    this.#points.rewind(step);
    this.#epochs = this.#epochs.filter(({ version }) => version <= step);
    this.#tell({ type: 'rollback', step });
  }

  /** Tells of the steps since the last time. */
  flushPoints(): void {
    const news = this.#points.takeNews();
    if (news) this.#tell(news);
  }

  /** An epoch was evaluated. */
  addEpoch(figures: EpochFigures): void {
    this.#epochs.push(figures);
    this.#tell(figures);
  }

  /** Something happened. */
  addIncident(incident: Incident): void {
    const isRoutine = incident.kind === 'checkpoint';
    const kept = isRoutine ? this.#checkpoints : this.#incidents;
    kept.push(incident);
    if (kept.length > (isRoutine ? MAX_CHECKPOINTS : MAX_INCIDENTS)) {
      kept.shift();
    }
    this.#tell(incident);
  }

  /** What the network looked like last, if that is known. */
  get pictures(): Pictures | undefined {
    return this.#pictures;
  }

  /** What the network looks like by now. */
  setPictures(pictures: Pictures): void {
    this.#pictures = pictures;
    this.#tell(pictures);
  }

  /** Where the run stands by now; not told again where nothing has changed. */
  setState(state: RunState): void {
    if (isSame(this.#state, state)) return;
    this.#state = state;
    this.#tell(state);
  }

  #tell(message: FeedMessage): void {
    for (const listener of this.#listeners) listener(message);
  }
}

function isSame(before: RunState | undefined, state: RunState): boolean {
  if (before === undefined) return false;
  const { at } = before;
  return JSON.stringify(before) === JSON.stringify({ ...state, at });
}
