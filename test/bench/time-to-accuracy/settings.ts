/**
 * The settings that are tried: Muster's own and some beside it, and those of
 * the peers, each at the notebook's constant rate and on the course that
 * Muster's rate takes: up over a tenth of the steps, then a cosine to zero.
 */
import { runPeer } from '../peers.js';
import { runTraining } from '../run-training.js';
import type { Point, Setting } from './search.js';

/** Of a planned course. */
const LENGTHS = [3, 4, 5, 6];
/** At a constant rate, as the notebook has it; each epoch counts. */
const CONSTANT_EPOCHS = 10;
const CONSTANT_RATE = 0.001;

/** `[examples a step, micro-batches, learning rate]`. */
const OURS = [
  [128, 2, 0.006],
  [128, 2, 0.004],
  [256, 2, 0.004],
  [256, 2, 0.006],
] as const;

/** `[examples a step, highest rate]` of the peers' planned courses. */
const PLANNED = [
  [128, 0.004],
  [256, 0.004],
  [256, 0.006],
] as const;
/** Examples a step at the constant rate. */
const CONSTANT = [128] as const;

/** Muster, two workers: its default settings first. */
export function musterSettings(): Setting[] {
  const others = OURS.map(([batch, pieces, rate]) =>
    muster(`batch ${batch} in ${pieces}, rate ${rate}`, [
      ...['--global-batch', `${batch}`, '--micro-batches', `${pieces}`],
      ...['--learning-rate', `${rate}`],
    ]),
  );
  return [muster('default settings', []), ...others];
}

/** Keras `model.fit` on all cores. */
export function kerasSettings(python: string): Setting[] {
  const name = 'keras_epochs';
  return peer('Keras fit', { python, name, processes: 1 }, [
    ...['--steps-per-execution', '8'],
  ]);
}

/** PyTorch DistributedDataParallel, two processes. */
export function pytorchSettings(python: string): Setting[] {
  const name = 'pytorch_ddp';
  return peer('PyTorch DDP', { python, name, processes: 2 }, []);
}

function muster(name: string, args: readonly string[]): Setting {
  return {
    ...{ who: 'Muster', name, lengths: LENGTHS },
    async train(epochs, seed) {
      const summary = await runTraining([
        ...['--workers', '2', '--epochs', `${epochs}`, '--seed', `${seed}`],
        ...args,
      ]);
      const { trainSeconds: seconds, testAccuracy: accuracy } = summary;
      return [{ epoch: epochs, seconds, accuracy }];
    },
  };
}

interface Script {
  readonly python: string;
  /** Of its file, without `.py`. */
  readonly name: string;
  /** That share a step's examples. */
  readonly processes: number;
}

function peer(who: string, script: Script, more: string[]): Setting[] {
  const { python, name, processes } = script;
  const run = async (args: readonly string[], epochs: number, seed: number) =>
    pointsOf(
      await runPeer(python, name, [
        ...['--epochs', `${epochs}`, '--seed', `${seed}`, ...args, ...more],
      ]),
    );
  // the faster ones first: then less is run of the slower ones
  const planned = PLANNED.map(([batch, rate]): Setting => {
    const args = ['--batch', `${batch / processes}`, '--rate', `${rate}`];
    return {
      ...{ who, name: `batch ${batch}, rate up to ${rate}`, lengths: LENGTHS },
      train: async (epochs, seed) =>
        (await run([...args, '--schedule', 'cosine'], epochs, seed)).slice(-1),
    };
  });
  const constant = CONSTANT.map((batch): Setting => {
    const args = ['--batch', `${batch / processes}`];
    return {
      ...{ who, name: `batch ${batch}, rate ${CONSTANT_RATE}` },
      lengths: [CONSTANT_EPOCHS],
      train: (epochs, seed) =>
        run([...args, '--rate', `${CONSTANT_RATE}`], epochs, seed),
    };
  });
  return [...planned, ...constant];
}

function pointsOf(result: Awaited<ReturnType<typeof runPeer>>): Point[] {
  let total = 0;
  return result.seconds.map((seconds, i) => {
    total += seconds;
    const accuracy = result.accuracies?.[i] ?? NaN;
    return { epoch: i + 1, seconds: total, accuracy };
  });
}
