/**
 * What a simulated cluster is, and what its processes share.
 */
import type { SeededRandom } from '../../simulation/seeded-random.js';
import type { Cost, Costs } from './costs.js';
import type { Host, HostSurroundings } from './host.js';

/** What is simulated. */
export interface ClusterShape {
  readonly numWorkers: number;
  readonly numServers: number;
  readonly leavesPerStep: number;
  /** Bytes of all parameters as float32. */
  readonly parameterBytes: number;
  /** Whether gradients travel with half the bytes (bf16). */
  readonly isHalfPush: boolean;
  /** Steps to simulate, after a first one that begins with no pull. */
  readonly numSteps: number;
}

/** What the processes of one simulation share. */
export interface Simulation {
  readonly shape: ClusterShape;
  readonly costs: Costs;
  readonly random: SeededRandom;
  readonly around: HostSurroundings;
}

/** Bytes of a message without a slice, and of what a slice has beside it. */
export const WORD_BYTES = 200;

/** Bytes of one server's part of the parameters as float32. */
export function sliceBytesOf(shape: ClusterShape): number {
  return shape.parameterBytes / shape.numServers;
}

/** A message without a slice. */
export function say(
  costs: Costs,
  from: Host,
  to: Host,
  received: () => void,
): void {
  const { wordSend: send, wordReceive: receive } = costs;
  from.send(to, { bytes: WORD_BYTES, send, receive, received });
}

/** All of it, one after the other, for so many bytes. Milliseconds. */
export function sumOf(costs: readonly Cost[], bytes: number): number {
  return costs.reduce(
    (sum, { fixedMs, msPerByte }) => sum + fixedMs + msPerByte * bytes,
    0,
  );
}
