/**
 * What a siege costs a training: two workers alone, against the same with
 * 1,000 idle and 200 slow connections to the server from another process,
 * without the token and with it; alternating. The second epoch is timed. The
 * process that besieges shares the cores with the training, so its own time
 * is in the ratio too.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTraining } from './run-training.js';
import type { TrainingSummary } from './run-training.js';
import { median, spread } from './statistics.js';

const DEFAULT_ROUNDS = '3';
const NUM_IDLE = 1000;
const NUM_SLOW = 200;
/** So that idle connections with the token are there at all. */
const ROOM = [
  ...['--max-connections', '4096', '--max-connections-per-address', '4096'],
];
const SIEGE = fileURLToPath(new URL('contenders/siege.js', import.meta.url));

/** What the besieging process says at its end. */
interface Told {
  readonly opened: number;
  readonly cut: number;
  /** Most that were open at one time. */
  readonly most: number;
  readonly cpuSeconds: number;
}

type Siege = 'without token' | 'with token';

/** Runs it and gives a row for each siege. */
export async function benchSecurity(
  tell: (line: string) => void,
  flags: ReadonlyMap<string, string>,
) {
  const rounds = Number(flags.get('rounds') ?? DEFAULT_ROUNDS);
  const folder = await mkdtemp(join(tmpdir(), 'muster-siege-'));
  const tokenFile = join(folder, 'token');
  const ratios: Record<Siege, number[]> = {
    'without token': [],
    'with token': [],
  };
  const sieges: Record<Siege, Told[]> = {
    'without token': [],
    'with token': [],
  };
  try {
    for (let round = 1; round <= rounds; round++) {
      const alone = await train(await freePort(), tokenFile);
      for (const siege of ['without token', 'with token'] as const) {
        const { summary, told } = await besieged(tokenFile, siege);
        const ratio = secondEpochMs(summary) / secondEpochMs(alone);
        ratios[siege].push(ratio);
        sieges[siege].push(told);
        if (summary.parametersSha256 !== alone.parametersSha256) {
          throw new Error('the siege shows in the bits');
        }
        tell(
          `round ${round}, ${siege}: ${secondEpochMs(alone)} ms alone, ${secondEpochMs(summary)} ms besieged (${told.opened} opened, ${told.cut} cut, ${told.most} at once, ${told.cpuSeconds.toFixed(2)} s of CPU): ${ratio.toFixed(3)}`,
        );
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return (['without token', 'with token'] as const).map((siege) => ({
    siege,
    'time, besieged to alone': spread(ratios[siege], 3),
    'open at once': median(sieges[siege].map(({ most }) => most)),
    'cut off in a run': median(sieges[siege].map(({ cut }) => cut)),
  }));
}

async function besieged(tokenFile: string, siege: Siege) {
  const port = await freePort();
  const numbers = [port, NUM_IDLE, NUM_SLOW].map(String);
  const token = siege === 'with token' ? [tokenFile] : [];
  const child = spawn(process.execPath, [SIEGE, ...numbers, ...token], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    let said = '';
    child.stdout.on('data', (text: Buffer) => (said += text.toString()));
    const ended = once(child, 'close');
    const summary = await train(port, tokenFile);
    child.kill('SIGTERM');
    await ended;
    return { summary, told: JSON.parse(said) as Told };
  } finally {
    child.kill('SIGKILL');
  }
}

function train(port: number, tokenFile: string): Promise<TrainingSummary> {
  return runTraining([
    ...['--epochs', '2', '--seed', '7', '--workers', '2'],
    ...['--listen', `127.0.0.1:${port}`, '--token-file', tokenFile, ...ROOM],
  ]);
}

function secondEpochMs({ history }: TrainingSummary): number {
  const [first, second] = history.map(({ trainMs }) => trainMs);
  return Math.round((second ?? NaN) - (first ?? NaN));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
