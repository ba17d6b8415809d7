/**
 * What the coordinator says at length.
 */
import type {
  MessageOf,
  Packet,
  RunDefinition,
  ShardPlace,
} from '@muster/protocol';
import type { Refusal } from './admission.js';

/** The welcome, with all that a worker needs to know of the run. */
export function joinedPacket(
  run: RunDefinition,
  welcome: {
    readonly incarnation: number;
    readonly heartbeatMs: number;
    readonly shards: ShardPlace[];
  },
): Packet<MessageOf<'joined'>> {
  const { runId } = run;
  return {
    message: { type: 'joined', ...welcome, runId, dtype: 'json' },
    payload: new TextEncoder().encode(JSON.stringify(run)),
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
