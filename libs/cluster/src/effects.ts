/**
 * What goes into the coordinator and what comes out: the brain is driven one
 * event at a time and answers with effects, which its process carries out in
 * their order before it hands in the next event.
 */
import type { ErrorCode, Packet, Phases, PushOutcome } from '@muster/protocol';
import type { EpochResult } from './ledger.js';
import type { AppliedStep } from './parameter-shard.js';

/** Something that happened to the coordinator. */
export type CoordinatorEvent =
  | { readonly type: 'connected'; readonly connection: number }
  | {
      readonly type: 'packet';
      readonly connection: number;
      readonly packet: Packet;
    }
  | { readonly type: 'disconnected'; readonly connection: number }
  /** Time passes; handed in a few times a second. */
  | { readonly type: 'tick' }
  /** The process was asked to stop. */
  | { readonly type: 'drain' };

/** Something the coordinator's process has to do. */
export type CoordinatorEffect =
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
  /** Take a snapshot before the next event, and write it. */
  | { readonly type: 'checkpoint'; readonly reason: CheckpointReason }
  | { readonly type: 'report'; readonly report: RunReport }
  /** Nothing more will happen; the process ends once checkpoints are down. */
  | { readonly type: 'end'; readonly end: RunEnd };

/** Why a checkpoint is taken. */
export type CheckpointReason = 'interval' | 'epoch' | 'drain' | 'finished';

/** How a coordinator ends. */
export type RunEnd =
  | { readonly outcome: 'finished' }
  | { readonly outcome: 'drained' }
  | {
      readonly outcome: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
    };

/** What is worth a log line, a metric or a line of `metrics.jsonl`. */
export type RunReport =
  | { readonly type: 'step-applied'; readonly applied: AppliedStep }
  | {
      readonly type: 'pushed';
      readonly workerId: string;
      readonly outcome: PushOutcome;
      readonly step: number;
      readonly count: number;
      readonly phases: Phases;
      readonly message: string | undefined;
    }
  | { readonly type: 'evaluated'; readonly result: EpochResult }
  | {
      readonly type: 'worker-joined';
      readonly workerId: string;
      readonly incarnation: number;
      readonly backend: string;
      readonly returned: boolean;
    }
  | {
      readonly type: 'worker-away';
      readonly workerId: string;
      readonly incarnation: number;
      readonly reason: 'left' | 'lost' | 'silent' | 'quarantined' | 'replaced';
      /** Tasks that go to others. */
      readonly releasedTasks: number;
      readonly message: string;
    }
  | { readonly type: 'worker-back'; readonly workerId: string }
  | {
      readonly type: 'worker-refused';
      readonly workerId: string;
      readonly code: ErrorCode;
      readonly message: string;
    }
  | {
      readonly type: 'task-failed';
      readonly workerId: string;
      readonly code: ErrorCode;
      readonly message: string;
    }
  | { readonly type: 'not-reproducible'; readonly workerId: string }
  /** Somebody slow holds work that this worker got a copy of. */
  | { readonly type: 'backup-given'; readonly workerId: string };
