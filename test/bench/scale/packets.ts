/** The messages of a step as they are, for measuring what they cost. */
import { float32Payload } from '@muster/protocol';
import type { MessageOf, Packet } from '@muster/protocol';

const PHASES = {
  ...{ wait: 1.5, data: 0.25, compute: 12.5, encode: 1.25 },
  ...{ push: 2.5, pull: 0.75 },
};

/** A worker's slice, of so many elements. */
export function pushOf(slice: Float32Array): Packet<MessageOf<'push'>> {
  return {
    message: {
      ...{ type: 'push', pushId: 1, taskId: 1, step: 0, term: 1 },
      ...{ firstLeaf: 0, numLeaves: 1, count: 64, bases: [0] },
      ...{ lossSum: 1.5, correct: 1, phases: PHASES },
      ...{ begin: 0, end: slice.length, dtype: 'float32' },
    },
    payload: float32Payload(slice),
  };
}

/** A server's slice, of so many elements. */
export function parametersOf(
  slice: Float32Array,
): Packet<MessageOf<'parameters'>> {
  return {
    message: {
      ...{ type: 'parameters', term: 1, version: 1 },
      ...{ begin: 0, end: slice.length, dtype: 'float32' },
    },
    payload: float32Payload(slice),
  };
}

/** What a server tells the coordinator of a push: the longest word. */
export function receivedOf(
  more: Partial<MessageOf<'received'>> = {},
): MessageOf<'received'> {
  return {
    ...{ type: 'received', workerId: 'worker-0', taskId: 1, step: 0 },
    ...{ firstLeaf: 0, numLeaves: 1, outcome: 'accepted', version: 0 },
    ...{ staleness: 0, count: 64, lossSum: 1.5, correct: 1, phases: PHASES },
    ...more,
  };
}
