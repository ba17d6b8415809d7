/**
 * What a worker says of a finished task. The push id is given when it is sent.
 */
import { float32Payload } from '@muster/protocol';
import type {
  EvaluateTask,
  GradientTask,
  MessageOf,
  Packet,
} from '@muster/protocol';
import type { EvaluationResult, GradientResult } from './worker-events.js';

/** The push of a task's tree sum; shares the gradient's memory. */
export function pushOf(
  task: GradientTask,
  wait: number,
  result: GradientResult,
): Packet<MessageOf<'push'>> {
  const { gradient, count, lossSum, correct, phases } = result;
  const { taskId, step, firstLeaf, numLeaves } = task;
  return {
    message: {
      type: 'push',
      pushId: 0,
      ...{ taskId, step, firstLeaf, numLeaves },
      ...{ count, lossSum, correct },
      phases: { ...phases, wait },
      begin: 0,
      end: gradient.length,
      dtype: 'float32',
    },
    payload: float32Payload(gradient),
  };
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
