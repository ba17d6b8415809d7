/**
 * What the pieces of a step cost, on one undisturbed core: what a simulation
 * is fed with.
 */

/** What something costs by its size. */
export interface Cost {
  /** Milliseconds each time. */
  readonly fixedMs: number;
  /** Milliseconds a byte of the message or of the slice. */
  readonly msPerByte: number;
}

/** See the head of this file. */
export interface Costs {
  /** Milliseconds of a task's first leaf, which brings the parameters in. */
  readonly firstLeafMs: readonly number[];
  /** Milliseconds of each leaf after it, sum included. */
  readonly nextLeafMs: readonly number[];
  /** A worker encodes a slice and writes it to a socket, masked. */
  readonly pushSend: Cost;
  /** A server reads a slice and decodes it. */
  readonly pushReceive: Cost;
  /** A server encodes its slice, once for all. */
  readonly parametersEncode: Cost;
  /** A server writes it to one socket. */
  readonly parametersSend: Cost;
  /** A worker reads a slice and decodes it. */
  readonly parametersReceive: Cost;
  /** Any message without a slice. */
  readonly wordSend: Cost;
  readonly wordReceive: Cost;
  /** A server checks a slice for what is no number. */
  readonly check: Cost;
  /** A server adds a slice to its sibling. */
  readonly add: Cost;
  /** A server applies the optimizer to its slice. */
  readonly apply: Cost;
  /** Rounding a slice to bfloat16 where it stays. By float32 bytes. */
  readonly round: Cost;
  /** To half the bytes and back. By float32 bytes. */
  readonly toHalf: Cost;
  readonly fromHalf: Cost;
  /** Milliseconds of the coordinator's brain for what one server has of one push. */
  readonly accountMs: number;
  /** What trainings show beyond all this: a worker's for a task, */
  readonly restOfTask: Cost;
  /** a server's for a push, while what is pushed to it at once fits caches, */
  readonly restOfPush: Cost;
  /** and a server's for a push when it does not. */
  readonly restOfCrowdedPush: Cost;
}

/** Bytes that are pushed to one server at once: few, and many. */
export const FEW_BYTES = 10e6;
export const MANY_BYTES = 40e6;

/** What else a push costs where so many bytes are pushed in one step. */
export function restOfPushAt(costs: Costs, bytes: number): Cost {
  const share = (bytes - FEW_BYTES) / (MANY_BYTES - FEW_BYTES);
  const crowd = Math.max(0, Math.min(1, share));
  const { restOfPush: few, restOfCrowdedPush: many } = costs;
  return {
    fixedMs: few.fixedMs + crowd * (many.fixedMs - few.fixedMs),
    msPerByte: few.msPerByte + crowd * (many.msPerByte - few.msPerByte),
  };
}

/** Nothing: what specs begin with. */
export const FREE: Cost = { fixedMs: 0, msPerByte: 0 };

/** Milliseconds. */
export function costOf({ fixedMs, msPerByte }: Cost, bytes: number): number {
  return fixedMs + msPerByte * bytes;
}

/**
 * The line through two measurements, neither part below 0.
 * @param small bytes and milliseconds of a small one, then of a large one.
 */
export function costThrough(
  small: readonly [bytes: number, ms: number],
  large: readonly [bytes: number, ms: number],
): Cost {
  const slope = (large[1] - small[1]) / (large[0] - small[0]);
  const msPerByte = Math.max(0, Math.min(slope, large[1] / large[0]));
  const fixedMs = Math.max(0, large[1] - msPerByte * large[0]);
  return { fixedMs, msPerByte };
}
