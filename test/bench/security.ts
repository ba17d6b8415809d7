/**
 * What a siege costs a training: one training of two workers, which has peace
 * and 1,000 idle and 200 slow connections to its server by turns, without the
 * token and with it. Each besieged window is compared with the two in peace
 * around it. The process that besieges shares the cores with the training, so
 * its own time is in the ratio too. Images a second follow what else the
 * machine does; the processor time that a siege takes does so less.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { NUM_CORES } from './scale/process-times.js';
import { RealCluster } from './scale/real-cluster.js';
import { median, spread } from './statistics.js';
import { compareWindows, TrainingWindows } from './training-windows.js';
import type { Window } from './training-windows.js';

const DEFAULT_ROUNDS = '4';
const NUM_IDLE = 1000;
const NUM_SLOW = 200;
/** From the begin of a siege, or its end, to the window. */
const SETTLING_MS = 4000;
const WINDOW_MS = 8000;
/** As the command has it by default: 4 leaves of 64 images a step. */
const SHAPE = {
  ...{ numWorkers: 2, numServers: 1, areIdle: false },
  ...{ leafImages: 64, leavesPerWorker: 2 },
};
/** So that idle connections with the token are there at all. */
const ROOM = [
  ...['--max-connections', '4096', '--max-connections-per-address', '4096'],
];
const SIEGE = fileURLToPath(new URL('contenders/siege.js', import.meta.url));
const KINDS = ['without-token', 'with-token'] as const;
type Kind = (typeof KINDS)[number];

/** What the besieging process says of a siege. */
interface Told {
  readonly opened: number;
  readonly cut: number;
  /** Most that were open at one time. */
  readonly most: number;
}

interface Besieged extends Window, Told {
  readonly kind: Kind;
  /** Images a second, as a share of those in peace before and after. */
  readonly ratio: number;
  /** Processor time of the server beyond that in peace. */
  readonly extra: number;
}

/** Runs it and gives a row for each siege. */
export async function benchSecurity(
  tell: (line: string) => void,
  flags: ReadonlyMap<string, string>,
) {
  const rounds = Number(flags.get('rounds') ?? DEFAULT_ROUNDS);
  const besieged: Besieged[] = [];
  await using cluster = await RealCluster.start(SHAPE, ROOM);
  const bench = new SecurityBench(cluster);
  try {
    await bench.windows.isAtWork();
    let before = await bench.windows.next();
    for (let turn = 0; turn < rounds * KINDS.length; turn++) {
      const kind = KINDS[turn % KINDS.length] ?? 'with-token';
      const { figures, told } = await bench.besieged(kind);
      const after = await bench.windows.next();
      const compared = compareWindows(before, figures, after);
      const { imagesPerSecond: peace, ratio, extra } = compared;
      besieged.push({ ...figures, ...told, kind, ratio, extra });
      tell(
        `${kind}: ${figures.imagesPerSecond.toFixed(0)} images/s besieged, ${peace.toFixed(0)} in peace: ${ratio.toFixed(3)}; server +${(100 * extra).toFixed(1)} % of a core, ${told.opened} opened, ${told.cut} cut, ${told.most} at once`,
      );
      before = after;
    }
  } finally {
    bench.close();
  }
  return KINDS.map((kind) => rowOf(kind, besieged));
}

function rowOf(kind: Kind, all: readonly Besieged[]) {
  const of = all.filter((one) => one.kind === kind);
  const seconds = (SETTLING_MS + WINDOW_MS) / 1000;
  const percent = (values: readonly number[]) =>
    (100 * median(values)).toFixed(1);
  return {
    siege: kind,
    'images/s, besieged to peace': spread(
      of.map(({ ratio }) => ratio),
      3,
    ),
    'processor time, % of the machine': percent(
      of.map(({ extra, beside }) => (extra + beside) / NUM_CORES),
    ),
    'server, % of a core more': percent(of.map(({ extra }) => extra)),
    'siege itself, % of a core': percent(of.map(({ beside }) => beside)),
    'open at once': median(of.map(({ most }) => most)),
    'opened a second': median(of.map(({ opened }) => opened / seconds)).toFixed(
      0,
    ),
  };
}

/** One training, and one process that besieges it when it is told to. */
class SecurityBench {
  readonly windows: TrainingWindows;
  readonly #siege;
  readonly #answers;

  constructor(cluster: RealCluster) {
    const [, port = ''] = cluster.address.split(':');
    const numbers = [port, String(NUM_IDLE), String(NUM_SLOW)];
    const words = [SIEGE, ...numbers, cluster.tokenFile];
    this.#siege = spawn(process.execPath, words, {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#answers = createInterface({ input: this.#siege.stdout });
    const pid = this.#siege.pid ?? -1;
    const times = { settlingMs: SETTLING_MS, windowMs: WINDOW_MS };
    this.windows = new TrainingWindows({ cluster, pid, ...times });
  }

  /** A window under siege. */
  async besieged(kind: Kind): Promise<{ figures: Window; told: Told }> {
    this.#siege.stdin.write(`${kind}\n`);
    const figures = await this.windows.next();
    const answer = once(this.#answers, 'line');
    this.#siege.stdin.write('peace\n');
    const [line] = (await answer) as [string];
    return { figures, told: JSON.parse(line) as Told };
  }

  close(): void {
    this.#siege.kill('SIGKILL');
  }
}
