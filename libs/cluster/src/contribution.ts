/**
 * What a worker says of a finished task. The push id is given when it is sent.
 */
import { float32Payload } from '@muster/protocol';
import type {
  EvaluateTask,
  GradientTask,
  MessageOf,
  Packet,
  ShardPlace,
} from '@muster/protocol';
import type { Lent } from './slice-store.js';
import type { EvaluationResult, GradientResult } from './worker-events.js';

/** The pushes of a task's tree sum, by server; they share its memory. */
export function pushesOf(
  task: GradientTask,
  wait: number,
  { term, bases }: Pick<Lent, 'term' | 'bases'>,
  result: GradientResult,
  places: readonly (ShardPlace | undefined)[],
): Map<number, Packet<MessageOf<'push'>>> {
  const { gradient, count, lossSum, correct, phases } = result;
  const { taskId, step, firstLeaf, numLeaves } = task;
  const pushes = new Map<number, Packet<MessageOf<'push'>>>();
  places.forEach((place, server) => {
    if (place === undefined) return;
    const { begin, end } = place;
    pushes.set(server, {
      message: {
        type: 'push',
        pushId: 0,
        ...{ taskId, step, firstLeaf, numLeaves },
        ...{ count, term, bases, lossSum, correct },
        phases: { ...phases, wait },
        ...{ begin, end },
        dtype: 'float32',
      },
      payload: float32Payload(gradient.subarray(begin, end)),
    });
  });
  return pushes;
}

/** The counts of an evaluation task. */
export function evaluatedOf(
  task: EvaluateTask,
  result: EvaluationResult,
): MessageOf<'evaluated'> {
  const { taskId, version, begin, end } = task;
  const range = { begin, end };
  return {
    type: 'evaluated',
    pushId: 0,
    taskId,
    version,
    ...range,
    ...result,
  };
}
