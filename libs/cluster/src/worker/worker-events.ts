/**
 * What goes into the worker's brain and what comes out.
 */
import type { TestMistake } from '@muster/data';
import type {
  ErrorCode,
  Packet,
  Phases,
  Task,
  WireFormat,
} from '@muster/protocol';

/** Who this worker is. */
export interface WorkerIdentity {
  readonly workerId: string;
  /** Hash of everything that can change a gradient's bits. */
  readonly numerics: string;
  readonly backend: 'tensorflow' | 'wasm';
  /** The network it insists on, if it does. */
  readonly model?: string | undefined;
  /** Where it serves metrics, if it does: `http://host:port`. */
  readonly metricsUrl?: string | undefined;
}

/** What a worker's brain has to know of the run that it works for. */
export interface RunTraits {
  readonly numParameters: number;
  /** Whether the run applies gradients as they arrive. */
  readonly isOnArrival: boolean;
  /** What the numbers of a pushed slice are. */
  readonly wire: WireFormat;
}

/** The tree sum over a task's leaves. */
export interface GradientResult {
  /** float32 over the whole key range; owned by the machine from now on. */
  readonly gradient: Float32Array;
  /** Examples that went in. */
  readonly count: number;
  /** Sum of their losses, float64. */
  readonly lossSum: number;
  /** How many of them were classified correctly. */
  readonly correct: number;
  /** `encode` and `push` are those of the push before this one. */
  readonly phases: Omit<Phases, 'wait' | 'pull'>;
}

/** The counts over a range of test examples. */
export interface EvaluationResult {
  readonly count: number;
  readonly correct: number;
  readonly lossSum: number;
  /**
   * Of its mistakes those of whose answer the network is surest, at most
   * `MAX_MISTAKES`; copied before the next event.
   */
  readonly mistakes: readonly TestMistake[];
}

/** Something that happened to the worker. */
export type WorkerEvent =
  | { readonly type: 'connected'; readonly link: number }
  | { readonly type: 'disconnected'; readonly link: number }
  | { readonly type: 'packet'; readonly link: number; readonly packet: Packet }
  /** Network and data are ready. */
  | ({ readonly type: 'prepared' } & RunTraits)
  /** This worker cannot do this run's work. */
  | {
      readonly type: 'prepare-failed';
      readonly code: ErrorCode;
      readonly message: string;
    }
  | {
      readonly type: 'computed';
      readonly taskId: number;
      readonly result: GradientResult;
    }
  | {
      readonly type: 'evaluated';
      readonly taskId: number;
      readonly result: EvaluationResult;
    }
  | {
      readonly type: 'task-failed';
      readonly taskId: number;
      readonly code: ErrorCode;
      readonly message: string;
    }
  | { readonly type: 'tick' }
  /** The process was asked to stop. */
  | { readonly type: 'drain' };

/** Something the worker's process has to do. */
export type WorkerEffect =
  | { readonly type: 'send'; readonly link: number; readonly packet: Packet }
  /**
   * Connect, with backoff, to the first of these addresses that answers;
   * link 0 also to those that the process was started with. What the link was
   * connected or connecting to before is given up without an event.
   */
  | {
      readonly type: 'dial';
      readonly link: number;
      readonly urls: readonly string[];
    }
  /** Take the connection for dead. */
  | { readonly type: 'terminate'; readonly link: number }
  /** Build the network, find the data; answer with `prepared`. */
  | {
      readonly type: 'prepare';
      /** The run's definition, JSON as it came; the process's from now on. */
      readonly definition: Uint8Array;
    }
  /**
   * Compute; answer with `computed`, `evaluated` or `task-failed` and the
   * task's id, which is this worker's own and never repeats.
   */
  | {
      readonly type: 'compute';
      readonly task: Task;
      /** float32, whole vector; not changed before the answer. */
      readonly parameters: Float32Array;
    }
  /**
   * Say on this link, before the next event, what the network says to an
   * image; or nothing, if that cannot be said.
   */
  | {
      readonly type: 'classify';
      readonly link: number;
      readonly requestId: number;
      /** uint8 [rows * columns], as it came. */
      readonly image: Uint8Array;
      readonly version: number;
      /** float32, whole vector; only until the next event. */
      readonly parameters: Float32Array;
    }
  /** Computing this task is of no use any more. */
  | { readonly type: 'abandon'; readonly taskId: number }
  | { readonly type: 'stop'; readonly end: WorkerEnd };

/** How a worker ends. */
export type WorkerEnd =
  | { readonly outcome: 'finished' | 'drained' }
  | {
      readonly outcome: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
    };

/** What the worker is doing; see the head of this file. */
export type WorkerState =
  | 'offline'
  | 'joining'
  | 'preparing'
  | 'working'
  | 'stopped';
