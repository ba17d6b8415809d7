/**
 * Images a second of processor time, one thread, optimizer included: our step,
 * our general path and TensorFlow.js's `model.fit`, and, where `--python` names
 * a Python that has them, Keras's `model.fit` and PyTorch.
 *
 * Processor time instead of a pinned core: Keras has two threads that wait for
 * each other, and on one core each waits for the scheduler's next tick. Pinned,
 * its rate was a multiple of the tick, a third of what it has on two cores.
 */
import { fileURLToPath } from 'node:url';
import { Contender } from './contender.js';
import { digitFiles } from './digit-files.js';
import { hasPeer, peerScript } from './peers.js';
import { PROCESS_FLAGS, PROCESS_MEMORY } from './process-settings.js';
import { median, spread } from './statistics.js';

const BATCHES = [32, 64, 128, 512];
const ROUNDS = 5;
/** Images of one timed turn: what a call costs by itself must not show. */
const IMAGES = 8192;
/** Of the notebook's network: forward and backward, in FLOP an image. */
const FLOP_PER_IMAGE = 4.32e6;

/** What a contender took, all of its threads together. */
interface Answer {
  readonly cpuSeconds: number;
}

/** Runs it and gives a row for each batch size. */
export async function benchCompute(
  tell: (line: string) => void,
  flags: ReadonlyMap<string, string>,
) {
  const python = flags.get('python');
  const contenders = await start(python, flags.get('backend') ?? 'tensorflow');
  try {
    const rows = [];
    for (const batch of BATCHES) {
      const rates = await measure(contenders, batch);
      const row = rowOf(batch, rates);
      tell(JSON.stringify(row));
      rows.push(row);
    }
    return rows;
  } finally {
    for (const one of contenders) await one[Symbol.asyncDispose]();
  }
}

async function start(
  python: string | undefined,
  backend: string,
): Promise<Contender[]> {
  const script = (name: string) =>
    fileURLToPath(new URL(`contenders/${name}.js`, import.meta.url));
  const ours = ['hand', 'general', 'fit'].map((way) => ({
    name: way,
    command: process.execPath,
    args: [...PROCESS_FLAGS, script('network-step'), way, backend],
    env: PROCESS_MEMORY,
  }));
  const digits = await digitFiles();
  const peers = (python === undefined ? [] : ['keras_fit', 'pytorch_eager'])
    .filter((name) => hasPeer(python, name))
    .map((name) => ({
      name,
      command: python ?? '',
      args: [peerScript(name), ...digits],
    }));
  const started: Contender[] = [];
  for (const one of [...ours, ...peers]) {
    started.push(await Contender.start({ ...one, cores: '0,1', threads: 1 }));
  }
  return started;
}

/** Images a second of processor time, by contender and round. */
async function measure(
  contenders: readonly Contender[],
  batch: number,
): Promise<Map<string, number[]>> {
  const question = { batch, steps: Math.max(4, Math.ceil(IMAGES / batch)) };
  const rates = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  for (let round = -1; round < ROUNDS; round++) {
    for (const contender of contenders) {
      const { cpuSeconds } = await contender.ask<Answer>(question);
      // the first round warms up
      if (round < 0) continue;
      rates.get(contender.name)?.push((batch * question.steps) / cpuSeconds);
    }
  }
  return rates;
}

function rowOf(batch: number, rates: ReadonlyMap<string, number[]>) {
  const hand = rates.get('hand') ?? [];
  const told = [...rates].map(([name, values]) => [name, spread(values, 0)]);
  const ratios = [...rates]
    .filter(([name]) => name !== 'hand')
    .map(([name, values]) => [
      `hand / ${name}`,
      spread(hand.map((rate, i) => rate / (values[i] ?? NaN))),
    ]);
  return {
    batch,
    ...(Object.fromEntries(told) as object),
    ...(Object.fromEntries(ratios) as object),
    gigaflops: ((median(hand) * FLOP_PER_IMAGE) / 1e9).toFixed(1),
  };
}
