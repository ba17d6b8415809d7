/**
 * Faults: as a schedule has them, and as they were carried out.
 */

/** Every kind of fault. */
export const FAULT_KINDS = [
  'kill',
  'pause',
  'cut',
  'cut-one',
  'half-open',
  'slow',
  'refuse',
] as const;
/** One of {@link FAULT_KINDS}. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** One fault; times in milliseconds from the first step on. */
export type Fault = {
  readonly atMs: number;
  /** `worker-1`, `server-0` (the coordinator), `standby-0`. */
  readonly target: string;
} & (
  | { readonly kind: 'kill' | 'cut' | 'cut-one' }
  | {
      readonly kind: 'pause' | 'half-open' | 'refuse';
      readonly durationMs: number;
    }
  | {
      readonly kind: 'slow';
      readonly durationMs: number;
      /** Of each direction of each connection. */
      readonly bytesPerSecond: number;
      readonly latencyMs: number;
    }
);

/** When a fault has passed: milliseconds from the first step on. */
export function endOf(fault: Fault): number {
  return fault.atMs + ('durationMs' in fault ? fault.durationMs : 0);
}

/** A fault as it was carried out; times in epoch milliseconds. */
export interface FaultRecord {
  readonly kind: FaultKind;
  readonly target: string;
  readonly fromMs: number;
  /** When it had passed; equal to `fromMs` for kills and cuts. */
  readonly toMs: number;
  /** False: the target was not there, nothing was done. */
  readonly isDone: boolean;
}

/** Whether a process is a parameter server. */
export function isServer(name: string): boolean {
  return name.startsWith('server-');
}
