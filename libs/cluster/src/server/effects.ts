/**
 * What goes into a server's brain and what comes out: it is driven one event
 * at a time and answers with effects, which its process carries out in their
 * order before it hands in the next event.
 */
import type { ErrorCode, MessageOf, Packet } from '@muster/protocol';
import type { LedgerState } from '../coordinator/ledger.js';
import type { RunReport } from './run-report.js';

/** A connection that a server makes by itself. */
export type ServerLink = 'coordinator' | 'primary';

/** Something that happened to a server. */
export type ServerEvent =
  /** Somebody has connected. */
  | { readonly type: 'connected'; readonly connection: number }
  /** A connection that was dialled is there. */
  | {
      readonly type: 'linked';
      readonly link: ServerLink;
      readonly connection: number;
    }
  /** Dialling has failed at every address once; it is to be tried again. */
  | { readonly type: 'unreachable'; readonly link: ServerLink }
  | {
      readonly type: 'packet';
      readonly connection: number;
      readonly packet: Packet;
    }
  | { readonly type: 'disconnected'; readonly connection: number }
  /** The checkpoint that was asked for is read. */
  | {
      readonly type: 'restored';
      readonly version: number;
      /** float32 `[end - begin]`; the brain's from now on. */
      readonly parameters: Float32Array;
      /** Optimizer state by slot, as the parameters. */
      readonly slots: Readonly<Record<string, Float32Array>>;
      readonly ledger: LedgerState;
    }
  /** It cannot be read; these can. */
  | {
      readonly type: 'restore-failed';
      readonly version: number;
      readonly checkpoints: readonly number[];
      readonly message: string;
    }
  /** Versions of the checkpoints that are whole at present. */
  | { readonly type: 'checkpoints'; readonly checkpoints: readonly number[] }
  /** A checkpoint is down, or will not be. */
  | {
      readonly type: 'checkpoint-done';
      readonly version: number;
      readonly ok: boolean;
    }
  /**
   * The live page asks what the network says to an image; answered once, with
   * `classified` or `not-classified`, also after the end.
   */
  | {
      readonly type: 'classify';
      /** Larger than that of any question before. */
      readonly requestId: number;
      /** uint8 [rows * columns]; sent at once, not kept. */
      readonly image: Uint8Array;
    }
  /** Time passes; handed in a few times a second. */
  | { readonly type: 'tick' }
  /** The process was asked to stop. */
  | { readonly type: 'drain' };

/** Something a server's process has to do. */
export type ServerEffect =
  | {
      readonly type: 'send';
      readonly connection: number;
      readonly packet: Packet;
    }
  /** The same packet to several: encoded once. */
  | {
      readonly type: 'broadcast';
      readonly connections: readonly number[];
      readonly packet: Packet;
    }
  | {
      readonly type: 'close';
      readonly connection: number;
      readonly code: ErrorCode;
      readonly message: string;
    }
  /** Destroy a connection whose other end is silent. */
  | { readonly type: 'terminate'; readonly connection: number }
  /** Connect; answered with `linked` or `unreachable`. */
  | { readonly type: 'dial'; readonly link: ServerLink }
  /** Look which checkpoints are whole; answered with `checkpoints`. */
  | { readonly type: 'list-checkpoints' }
  /** Read the checkpoint of this version; answered with `restored`. */
  | {
      readonly type: 'restore';
      readonly version: number;
      /** Whether newer ones are removed then: their history is given up. */
      readonly removesNewer: boolean;
    }
  /** Copy the shard before the next event, and write the copy. */
  | {
      readonly type: 'checkpoint';
      readonly version: number;
      readonly reason: CheckpointReason;
      /** Whole checkpoints from this version on are kept. */
      readonly keepFrom: number;
    }
  /** What was applied to what, for a replay; from `start` on, in order. */
  | {
      readonly type: 'order';
      readonly start: number;
      readonly entry: OrderEntry | undefined;
    }
  | { readonly type: 'report'; readonly report: RunReport }
  /** A worker's answer for the live page. */
  | {
      readonly type: 'classified';
      readonly requestId: number;
      /** Of the parameters that answered. */
      readonly version: number;
      /** By class, `[numClasses]`, each finite. */
      readonly probabilities: readonly number[];
    }
  /**
   * Why there is no answer: `ERR_NO_WORKERS`, `ERR_CONNECTION_LOST` or
   * `ERR_REQUEST_TIMEOUT`.
   */
  | {
      readonly type: 'not-classified';
      readonly requestId: number;
      readonly code: ErrorCode;
      readonly message: string;
    }
  /** Nothing more will happen; the process ends once checkpoints are down. */
  | { readonly type: 'end'; readonly end: RunEnd };

/** One applied contribution of the modes `bounded` and `async`. */
export interface OrderEntry {
  /** Global step, from 0. */
  readonly step: number;
  /** From 0, within the step. */
  readonly leaf: number;
  /** Version of each server's slice that it was computed from. */
  readonly bases: readonly number[];
}

/** Why a checkpoint is taken. */
export type CheckpointReason = MessageOf<'checkpoint'>['reason'];

/** How a server ends. */
export type RunEnd =
  | { readonly outcome: 'finished' }
  | { readonly outcome: 'drained' }
  /** Another server has taken its place. */
  | { readonly outcome: 'replaced'; readonly message: string }
  | {
      readonly outcome: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
    };
