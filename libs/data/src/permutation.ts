/** The order in which an epoch goes through the training set. */
import { checkWhole } from './dataset-error.js';
import { createRandomStream } from './random-stream.js';

/** Second number of the streams' key: 'perm' in ASCII. */
const PURPOSE = 0x7065726d;

/**
 * Draws the order of one epoch: the numbers from 0 to `length - 1`, each once,
 * shuffled by Fisher and Yates from the stream of key `(seed, 'perm', epoch)`.
 * A pure function; 60,000 numbers take about 2 ms.
 *
 * @param seed - the run's seed, a uint32.
 * @param epoch - the epoch's number from 0, a uint32.
 * @param length - number of training examples, 0 to 2^32 - 1.
 * @returns uint32 `[length]`, owned by the caller.
 * @throws DatasetError ERR_CONFIG for a number out of its range.
 */
export function permutation(
  seed: number,
  epoch: number,
  length: number,
): Uint32Array {
  checkWhole('length of a permutation', length, 0, 0xffffffff);
  const random = createRandomStream(seed, PURPOSE, epoch);
  const order = new Uint32Array(length);
  for (let i = 0; i < length; i += 1) order[i] = i;
  for (let i = length - 1; i > 0; i -= 1) {
    const j = random.nextBelow(i + 1);
    const other = order[j] ?? 0;
    order[j] = order[i] ?? 0;
    order[i] = other;
  }
  return order;
}
