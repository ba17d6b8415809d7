/**
 * Images a second end to end on real MNIST, two cores, a global batch of 256:
 * Muster's clusters, and peers where `--python` names a Python that has them.
 * Start-up, loading and the first epoch are apart for everybody. Round by
 * round, so that a ratio is of runs that followed each other.
 */
import { fileURLToPath } from 'node:url';
import { Contender } from './contender.js';
import { hasPeer, runPeer } from './peers.js';
import { PROCESS_FLAGS, PROCESS_MEMORY } from './process-settings.js';
import { runTraining } from './run-training.js';
import { median, spread } from './statistics.js';

const DEFAULT_ROUNDS = '3';
const IMAGES = 60_000;
const EPOCHS = 2;
/** What all others are compared with. */
const OURS = 'Muster, 2 workers, 1 server';
/** What one worker through the server is compared with. */
const BARE = 'bare step, four leaves of 64';
/** What two cores could do at most, if a cluster cost nothing. */
const TWO_BARE = 'two bare steps at once, a core each';

type Measure = () => Promise<number>;

/** Runs it and gives a row for each. */
export async function benchCluster(
  tell: (line: string) => void,
  flags: ReadonlyMap<string, string>,
) {
  const rounds = Number(flags.get('rounds') ?? DEFAULT_ROUNDS);
  await using bare = await startBare();
  await using second = await startBare();
  // the engine compiles what is used often: not in the time that counts
  const both = () => Promise.all([bareRate(bare), bareRate(second)]);
  await both();
  const measures = new Map<string, Measure>([
    ...clusters(),
    [BARE, () => bareRate(bare)],
    [TWO_BARE, async () => (await both()).reduce((sum, rate) => sum + rate)],
    ...peers(flags.get('python'), tell),
  ]);
  const rates = new Map(
    [...measures.keys()].map((key) => [key, [] as number[]]),
  );
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of measures) {
      const rate = await measure();
      rates.get(name)?.push(rate);
      tell(`round ${round + 1}: ${name}: ${Math.round(rate)} images/s`);
    }
  }
  return rowsOf(rates);
}

function rowsOf(rates: ReadonlyMap<string, readonly number[]>) {
  const ours = rates.get(OURS) ?? [];
  return [...rates].map(([name, values]) => ({
    name,
    'images/s': spread(values, 0),
    'ours / this': spread(ours.map((rate, i) => rate / (values[i] ?? NaN))),
    'this / bare step': median(
      values.map((rate, i) => rate / (rates.get(BARE)?.[i] ?? NaN)),
    ).toFixed(2),
  }));
}

function clusters(): [string, Measure][] {
  const sizes = [
    [2, 1, 4],
    [2, 1, 2],
    [1, 1, 4],
    [2, 2, 4],
    [1, 2, 4],
  ] as const;
  return sizes.map(([workers, servers, leaves]) => [
    `Muster, ${workers} worker${workers > 1 ? 's' : ''}, ${servers} server${servers > 1 ? 's' : ''}${leaves === 2 ? ', two leaves of 128' : ''}`,
    () => secondEpochRate(workers, servers, leaves),
  ]);
}

async function secondEpochRate(
  workers: number,
  servers: number,
  leaves: number,
): Promise<number> {
  const size = ['--workers', `${workers}`, '--servers', `${servers}`];
  const { history } = await runTraining([
    ...['--epochs', `${EPOCHS}`, '--seed', '7', '--global-batch', '256'],
    ...['--micro-batches', `${leaves}`, ...size],
  ]);
  const [first, second] = history.map(({ trainMs }) => trainMs);
  return IMAGES / (((second ?? NaN) - (first ?? NaN)) / 1000);
}

/** The same leaves and optimizer without a cluster, one thread. */
function startBare(): Promise<Contender> {
  const script = new URL('contenders/network-step.js', import.meta.url);
  return Contender.start({
    name: BARE,
    command: process.execPath,
    args: [...PROCESS_FLAGS, fileURLToPath(script), 'leaves'],
    ...{ cores: '0,1', threads: 1, env: PROCESS_MEMORY },
  });
}

async function bareRate(bare: Contender): Promise<number> {
  const question = { batch: 256, steps: 128 };
  const { seconds } = await bare.ask<{ seconds: number }>(question);
  return (question.batch * question.steps) / seconds;
}

function peers(
  python: string | undefined,
  tell: (line: string) => void,
): [string, Measure][] {
  const all: [string, string, string[]][] = [
    [
      'Keras fit, both cores, batch 256',
      'keras_epochs',
      ['--batch', '256', '--steps-per-execution', '8'],
    ],
    ['PyTorch DDP, 2 x 128', 'pytorch_ddp', ['--batch', '128']],
    [
      'TensorFlow ParameterServerStrategy, 2 x 128',
      'tf_parameter_server',
      ['--batch', '128'],
    ],
  ];
  return all.flatMap(([name, script, args]): [string, Measure][] => {
    if (!hasPeer(python, script)) {
      tell(`${name}: skipped, --python names no Python that has it`);
      return [];
    }
    const words = [...args, '--epochs', `${EPOCHS}`];
    return [[name, () => secondPeerEpoch(python ?? '', script, words)]];
  });
}

async function secondPeerEpoch(
  python: string,
  script: string,
  args: readonly string[],
): Promise<number> {
  const { seconds } = await runPeer(python, script, args);
  return IMAGES / (seconds[1] ?? NaN);
}
