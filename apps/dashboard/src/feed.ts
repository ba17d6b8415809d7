/**
 * What the live page hears of a run. The server sends these as events of a
 * stream (`/api/events`, named by `type`, the data as JSON): first all that
 * happened so far, then what is new.
 */

/** What a run is; the first event of a stream. */
export interface RunFacts {
  readonly type: 'run';
  readonly runId: string;
  /** `notebook`, the name of the network. */
  readonly network: string;
  readonly numParameters: number;
  readonly dataset: string;
  readonly numTrain: number;
  readonly numTest: number;
  readonly epochs: number;
  /** Versions that the whole run makes. */
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  /** Examples in one step. */
  readonly globalBatch: number;
  /** Leaves of one step. */
  readonly microBatches: number;
  readonly consistency: string;
  readonly optimizer: string;
  readonly seed: number;
  readonly numServers: number;
  /** Side lengths of an image in pixels; what `/api/classify` takes. */
  readonly rows: number;
  readonly columns: number;
  readonly numClasses: number;
}

/**
 * Applied steps in columns of equal length, ascending; later events go on
 * where the one before ended, or begin again from an earlier step: what was
 * from that step on is void. Long histories are thinned
 * out to at most 2,000 points.
 */
export interface StepPoints {
  readonly type: 'points';
  readonly step: readonly number[];
  /** Nats; null where it is not a number. */
  readonly loss: readonly (number | null)[];
  /** Share of the step that was classified right, 0 to 1. */
  readonly accuracy: readonly number[];
  readonly imagesPerSecond: readonly number[];
  readonly learningRate: readonly number[];
  readonly gradientNorm: readonly (number | null)[];
  /** Unix time in milliseconds. */
  readonly at: readonly number[];
}

/**
 * Servers went back to a version: what was from the step after it on is void,
 * and done again.
 */
export interface Rollback {
  readonly type: 'rollback';
  /** The last step that still counts. */
  readonly step: number;
}

/** One evaluation over the whole test set. */
export interface EpochFigures {
  readonly type: 'epoch';
  /** From 1. */
  readonly epoch: number;
  readonly version: number;
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly testLoss: number;
  readonly testAccuracy: number;
}

/** Where a leaf of the step in flight stands. */
export interface LeafState {
  readonly state: 'open' | 'leased' | 'summed';
  /** Who holds it, or whose contribution counted; null while it is open. */
  readonly workerId: string | null;
  /** Whether somebody idle was given a copy of it. */
  readonly hasBackup: boolean;
}

/** One worker. Milliseconds are means over its last tasks. */
export interface WorkerRow {
  readonly workerId: string;
  readonly incarnation: number;
  readonly state: 'active' | 'suspended' | 'lost' | 'gone';
  readonly backend: string;
  /** Images of accepted contributions a second, over the last seconds. */
  readonly imagesPerSecond: number;
  /** Accepted contributions. */
  readonly contributions: number;
  /** Mean milliseconds a task spent in each phase. */
  readonly phasesMs: Readonly<
    Record<'wait' | 'data' | 'compute' | 'encode' | 'push' | 'pull', number>
  >;
  /** Its pace against the median worker's: 1 is the median, 2 half as fast. */
  readonly straggling: number;
}

/** Where the run stands; sent twice a second while something changes. */
export interface RunState {
  readonly type: 'state';
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly phase: 'gathering' | 'running' | 'evaluating' | 'ended';
  /** How it ended, once it has. */
  readonly outcome: 'finished' | 'drained' | 'failed' | null;
  /** Version of the parameters. */
  readonly step: number;
  /** From 1. */
  readonly epoch: number;
  readonly imagesPerSecond: number;
  /** Seconds until the last step at this pace; null when it can't be told. */
  readonly etaSeconds: number | null;
  /** Share of the time that ended in applied steps, 0 to 1. */
  readonly goodput: number | null;
  readonly reproducible: boolean;
  readonly workers: readonly WorkerRow[];
  /** The leaves of the step in flight. */
  readonly leaves: readonly LeafState[];
  /** SHA-256 of the parameters, hexadecimal, once the run has finished. */
  readonly parametersSha256: string | null;
}

/** What can happen to a run. */
export type IncidentKind =
  | 'worker-joined'
  | 'worker-lost'
  | 'worker-back'
  | 'worker-left'
  | 'worker-refused'
  | 'server-lost'
  | 'server-back'
  | 'task-failed'
  | 'not-reproducible'
  | 'checkpoint'
  | 'checkpoint-failed';

/** Something that happened, for the time line. */
export interface Incident {
  readonly type: 'incident';
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly step: number;
  readonly kind: IncidentKind;
  /** `worker-1`, `server-0`. */
  readonly subject: string;
  /** One sentence. */
  readonly text: string;
  /** How long the recovery took, where this ends one. */
  readonly seconds: number | null;
}

/** A test image that the network takes for something else. */
export interface Mistake {
  /** Index in the test set. */
  readonly index: number;
  readonly label: number;
  readonly answer: number;
  /** Probabilities, [numClasses]. */
  readonly probabilities: readonly number[];
  /** Grey levels, uint8 [rows, columns], base64. */
  readonly image: string;
}

/**
 * What the network looks like from within: at the beginning, and after each
 * evaluation. After a rollback they stay until the next one.
 */
export interface Pictures {
  readonly type: 'pictures';
  /** Of the parameters that all of this is of. */
  readonly version: number;
  /** First layer's filters, float32 [rows, columns, count]; null if none. */
  readonly filters: {
    readonly rows: number;
    readonly columns: number;
    readonly count: number;
    readonly values: readonly number[];
  } | null;
  /** The most certain of them first; none before the first evaluation. */
  readonly mistakes: readonly Mistake[];
}

/** Any event of the stream. */
export type FeedMessage =
  | RunFacts
  | StepPoints
  | Rollback
  | EpochFigures
  | RunState
  | Incident
  | Pictures;

/**
 * The answer of `POST /api/classify`, whose body is one image: uint8 bytes,
 * [rows · columns], as `application/octet-stream`. Anything but status 200 is
 * `{code, message}`; 429 means: again after a moment.
 */
export interface Classification {
  /** Version of the parameters that answered. */
  readonly version: number;
  /** Probabilities, [numClasses]. */
  readonly probabilities: readonly number[];
}

/** Where a served page has its news from. */
export interface Feed {
  /** All that happened so far, in the order of a stream. */
  history(): readonly FeedMessage[];
  /** Calls back with what is new until the function that it gives is called. */
  subscribe(listener: (message: FeedMessage) => void): () => void;
  /**
   * What the current network says to an image, uint8 [rows · columns].
   * @throws an error with code `ERR_NO_WORKERS`, `ERR_CONNECTION_LOST` or
   *   `ERR_REQUEST_TIMEOUT` when nobody is there to answer.
   */
  classify(image: Uint8Array): Promise<Classification>;
}
