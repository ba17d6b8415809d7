/**
 * A worker's computing as a contender: the gradients of a task's leaves and
 * their sum, as `Trainer` does it. A question is `{leafImages, leaves,
 * tasks}`, an answer the milliseconds of processor time of each leaf: what
 * others do on this machine is not in it, but for the caches they share.
 */
import { createInterface } from 'node:readline';
import { TaskSum } from '@muster/cluster';
import { createRandomStream, loadDataset, permutation } from '@muster/data';
import {
  describeModel,
  initialParameters,
  notebookTopology,
  Replica,
  startBackend,
} from '@muster/model';

/** What is asked. */
export interface LeavesQuestion {
  readonly leafImages: number;
  readonly leaves: number;
  readonly tasks: number;
}

/** Milliseconds of processor time. */
export interface LeavesAnswer {
  /** Of each task's first leaf, for which new parameters are brought in. */
  readonly first: readonly number[];
  /** Of all others. */
  readonly next: readonly number[];
}

const SIZE = 784;

await startBackend('tensorflow');
const { train } = await loadDataset(undefined);
const order = permutation(1, 0, train.labels.length);
const description = describeModel(
  notebookTopology({ rows: 28, columns: 28, channels: 1, numClasses: 10 }),
);
const replica = new Replica(description);
const parameters = initialParameters(description, createRandomStream, 1);
const buffers: Float32Array[] = [];
let version = 0;
let position = 0;

/** The next examples of the permutation, one batch. */
function nextBatch(count: number) {
  if (position + count > order.length) position = 0;
  const indices = order.subarray(position, position + count);
  position += count;
  const images = new Uint8Array(count * SIZE);
  const labels = new Uint8Array(count);
  indices.forEach((index, i) => {
    images.set(
      train.images.subarray(index * SIZE, (index + 1) * SIZE),
      i * SIZE,
    );
    labels[i] = train.labels[index] ?? 0;
  });
  return { images, labels, count };
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds of each leaf. */
function task({ leafImages, leaves }: LeavesQuestion): number[] {
  const sum = new TaskSum(leaves, 'float32', (one) => void buffers.push(one));
  version++;
  return Array.from({ length: leaves }, (_, leaf) => {
    const startMs = processorMs();
    const into = buffers.pop() ?? new Float32Array(parameters.length);
    const random = createRandomStream(1, version, leaf);
    const batch = { ...nextBatch(leafImages), parameters, version };
    const sums = replica.gradient({ ...batch, random, into });
    sum.addLeaf({ slice: into, ...sums });
    if (leaf === leaves - 1) buffers.push(sum.take().slice);
    return processorMs() - startMs;
  });
}

function answer(question: LeavesQuestion): LeavesAnswer {
  const all = Array.from({ length: question.tasks }, () => task(question));
  return {
    first: all.map(([first = NaN]) => first),
    next: all.flatMap(([, ...next]) => next),
  };
}

console.log('{"ready":true}');
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(answer(JSON.parse(line) as LeavesQuestion)));
}
