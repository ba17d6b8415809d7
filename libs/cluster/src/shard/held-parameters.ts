/**
 * What a shard holds and whether it counts, shared by the parts of its brain.
 */
import { float32Payload } from '@muster/protocol';
import type { MessageOf, Packet } from '@muster/protocol';
import type { ParameterShard } from './parameter-shard.js';

/** Which part of the parameters a server owns. */
export interface ShardPosition {
  /** From 0. */
  readonly shard: number;
  readonly numShards: number;
  /** Key range `[begin, end)` in elements. */
  readonly begin: number;
  readonly end: number;
}

/** See the head of this file. */
export class HeldParameters {
  readonly position: ShardPosition;
  /** The parameters, once they are in memory. */
  shard: ParameterShard | undefined;
  /** Whether the coordinator has said that they are the cluster's. */
  isServing = false;
  /** The newest term it has heard of. */
  term = 0;
  /** The version that they were read at. */
  startVersion = 0;

  constructor(position: ShardPosition) {
    this.position = position;
  }

  /**
   * A slice as workers get it.
   * @param slice float32 `[end - begin]`. The packet shares its memory: encode
   *   it at once.
   */
  packet(
    version: number,
    slice: Float32Array,
  ): Packet<MessageOf<'parameters'>> {
    const { begin, end } = this.position;
    const { term } = this;
    return {
      message: {
        type: 'parameters',
        ...{ term, version, begin, end },
        dtype: 'float32',
      },
      payload: float32Payload(slice),
    };
  }
}
