/**
 * What a server's brain says of its run, for logs and metrics: nothing that
 * happens depends on it.
 */
import type { TestMistake } from '@muster/data';
import type { ErrorCode, Phases, PushOutcome } from '@muster/protocol';
import type { AppliedReport, EpochResult } from '../coordinator/ledger.js';

/** What is worth a log line, a metric or a line of `metrics.jsonl`. */
export type RunReport =
  /** A new version, as the coordinator counts it. */
  | {
      readonly type: 'step-applied';
      readonly applied: AppliedReport;
      readonly version: number;
      /** Over all servers. */
      readonly gradientNorm: number;
    }
  | {
      readonly type: 'pushed';
      readonly workerId: string;
      readonly outcome: PushOutcome;
      readonly step: number;
      readonly firstLeaf: number;
      readonly numLeaves: number;
      readonly count: number;
      readonly staleness: number | undefined;
      readonly phases: Phases;
      /** Whether it is a copy's: somebody slow holds the same work. */
      readonly isBackup: boolean;
      readonly message: string | undefined;
    }
  /** An epoch's test examples are evaluated. */
  | {
      readonly type: 'evaluated';
      readonly result: EpochResult;
      /** The surest first; see `surestOf`. Not part of the account. */
      readonly mistakes: readonly TestMistake[];
    }
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
      /** Since its last sign of life. */
      readonly silentMs: number;
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
  | { readonly type: 'backup-given'; readonly workerId: string }
  /** A server is there, or gone. */
  | {
      readonly type: 'server-joined' | 'standby-joined';
      readonly shard: number;
      readonly message: string;
    }
  | {
      readonly type: 'server-lost';
      readonly shard: number;
      readonly message: string;
    }
  /** A standby was told to take over. */
  | { readonly type: 'promoting'; readonly shard: number }
  /** This server, a standby until now, is its shard's primary. */
  | { readonly type: 'took-over'; readonly shard: number }
  /** Training begins, or goes on after servers were lost. */
  | {
      readonly type: 'training-resumed';
      readonly version: number;
      /** The version before; the same when nothing has to be done again. */
      readonly from: number;
      /** From the loss of the first server to this. */
      readonly seconds: number;
    };
