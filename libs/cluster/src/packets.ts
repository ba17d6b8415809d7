/**
 * What the coordinator says at length.
 */
import { float32Payload } from '@muster/protocol';
import type { MessageOf, Packet, RunDefinition } from '@muster/protocol';
import type { ParameterShard } from './parameter-shard.js';
import type { Refusal } from './admission.js';

/** The welcome, with all that a worker needs to know of the run. */
export function joinedPacket(
  run: RunDefinition,
  shard: ParameterShard,
  incarnation: number,
  heartbeatMs: number,
): Packet<MessageOf<'joined'>> {
  const { begin, end } = shard;
  const { runId } = run;
  const shards = [{ begin, end }];
  return {
    message: {
      type: 'joined',
      ...{ incarnation, runId, heartbeatMs, shards },
      dtype: 'json',
    },
    payload: new TextEncoder().encode(JSON.stringify(run)),
  };
}

/** The newest parameters; shares their memory, so encode it at once. */
export function parametersPacket(
  shard: ParameterShard,
): Packet<MessageOf<'parameters'>> {
  const { version, begin, end, parameters } = shard;
  return {
    message: { type: 'parameters', version, begin, end, dtype: 'float32' },
    payload: float32Payload(parameters),
  };
}

/** Why a run fails, with what to turn where there is something. */
export function failureOf(
  { code, message }: Refusal,
  { name, learningRate }: RunDefinition['schedule'],
): string {
  if (code !== 'ERR_NON_FINITE_GRADIENT') return message;
  return `${message}, whoever computes it: the training has diverged (lower --learning-rate, now ${learningRate} with --schedule ${name})`;
}
