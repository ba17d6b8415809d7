/**
 * What a worker says of a finished task. The push id is given when it is sent.
 */
import type {
  EvaluateTask,
  GradientTask,
  MessageOf,
  Packet,
  Phases,
  ShardPlace,
  WireFormat,
} from '@muster/protocol';
import { encodeMistakes } from '../formats/mistake-format.js';
import { encodeSlice } from '../formats/slice-format.js';
import type { Lent } from './slice-store.js';
import type { EvaluationResult, GradientResult } from './worker-events.js';

/** What a push says beside its task and what that came to. */
export interface PushFacts extends Pick<Lent, 'term' | 'bases'> {
  /** How long the worker had waited, for the task and then for parameters. */
  readonly waited: Pick<Phases, 'wait' | 'pull'>;
  /** The run's format of pushed slices. */
  readonly wire: WireFormat;
}

/**
 * The pushes of a task's tree sum, by server. In `float32` they share its
 * memory; in `bf16` it is free again.
 */
export function pushesOf(
  task: GradientTask,
  result: GradientResult,
  { term, bases, waited, wire }: PushFacts,
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
        phases: { ...phases, ...waited },
        ...{ begin, end },
        dtype: wire,
      },
      payload: encodeSlice(gradient.subarray(begin, end), wire),
    });
  });
  return pushes;
}

/** The counts of an evaluation task, and its surest mistakes. */
export function evaluatedOf(
  task: EvaluateTask,
  result: EvaluationResult,
): Packet<MessageOf<'evaluated'>> {
  const { taskId, version, begin, end } = task;
  const { count, correct, lossSum } = result;
  const { mistakes, payload } = encodeMistakes(result.mistakes);
  return {
    message: {
      type: 'evaluated',
      pushId: 0,
      ...{ taskId, version, begin, end },
      ...{ count, correct, lossSum, mistakes },
    },
    payload,
  };
}
