/**
 * What open live pages cost a training: one training of two workers, which by
 * turns nobody looks at and 50 pages do. Each window with pages is compared
 * with the two without around it. The process that reads the streams shares
 * the cores with the training, so its own time is in the ratio too, as that
 * of 50 browsers on other machines would not be; the server's processor time
 * an image is told beside it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freeAddress, RealCluster } from './scale/real-cluster.js';
import { median, spread } from './statistics.js';
import { compareWindows, TrainingWindows } from './training-windows.js';
import type { Compared, Window } from './training-windows.js';

const DEFAULT_ROUNDS = '8';
const NUM_PAGES = 50;
const SETTLING_MS = 2000;
const WINDOW_MS = 8000;
/** As the command has it by default: 4 leaves of 64 images a step. */
const SHAPE = {
  ...{ numWorkers: 2, numServers: 1, areIdle: false },
  ...{ leafImages: 64, leavesPerWorker: 2 },
};
const PAGES = fileURLToPath(
  new URL('contenders/open-pages.js', import.meta.url),
);

/** What the process with the pages says of them. */
interface Told {
  readonly open: number;
  readonly bytes: number;
  readonly lost: number;
  readonly refused: number;
}

interface Watched extends Compared {
  /** Processor time of the process with the pages, as a share of one core. */
  readonly beside: number;
  /** What each page has read, the history at its beginning included. */
  readonly bytesPerPage: number;
}

/** Runs it and gives one row. */
export async function benchDashboard(
  tell: (line: string) => void,
  flags: ReadonlyMap<string, string>,
) {
  const rounds = Number(flags.get('rounds') ?? DEFAULT_ROUNDS);
  const address = await freeAddress();
  const port = address.split(':').at(-1) ?? '';
  const words = ['--dashboard-port', port];
  await using cluster = await RealCluster.start(SHAPE, words);
  using pages = new Pages(`http://${address}`);
  const { pid } = pages;
  const times = { settlingMs: SETTLING_MS, windowMs: WINDOW_MS };
  const windows = new TrainingWindows({ cluster, pid, ...times });
  await windows.isAtWork();
  const all: Watched[] = [];
  let before = await windows.next();
  for (let round = 0; round < rounds; round++) {
    const { during, told } = await watched(windows, pages);
    const after = await windows.next();
    const compared = compareWindows(before, during, after);
    const bytesPerPage = told.bytes / NUM_PAGES;
    all.push({ ...compared, beside: during.beside, bytesPerPage });
    tell(lineOf(during, compared));
    before = after;
  }
  return [rowOf(all)];
}

/** @throws Error where not all pages were open to the end. */
async function watched(windows: TrainingWindows, pages: Pages) {
  await pages.ask('open');
  const during = await windows.next();
  const told = await pages.ask('close');
  const { open, lost, refused } = told;
  if (open !== NUM_PAGES || lost > 0) {
    throw new Error(
      `expected ${NUM_PAGES} open pages to the end, got ${open}; ${refused} were refused, ${lost} lost`,
    );
  }
  return { during, told };
}

function lineOf({ imagesPerSecond }: Window, compared: Compared): string {
  const { ratio, perImage } = compared;
  const without = compared.imagesPerSecond.toFixed(0);
  return `${imagesPerSecond.toFixed(0)} images/s with ${NUM_PAGES} pages, ${without} without: ${ratio.toFixed(3)}; the server's processor time an image ${perImage.toFixed(3)}`;
}

function rowOf(all: readonly Watched[]) {
  const percent = (values: readonly number[]) =>
    (100 * median(values)).toFixed(1);
  return {
    'open pages': NUM_PAGES,
    'images/s, with / without': spread(
      all.map(({ ratio }) => ratio),
      3,
    ),
    "server's processor time an image, with / without": spread(
      all.map(({ perImage }) => perImage),
      3,
    ),
    'server, % of a core more': percent(all.map(({ extra }) => extra)),
    'reading pages, % of a core': percent(all.map(({ beside }) => beside)),
    'kB a page': median(
      all.map(({ bytesPerPage }) => bytesPerPage / 1000),
    ).toFixed(0),
  };
}

/** The process that opens the pages, and closes them. */
class Pages implements Disposable {
  readonly #process;
  readonly #answers;

  constructor(url: string) {
    const words = [PAGES, url, String(NUM_PAGES)];
    this.#process = spawn(process.execPath, words, {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#answers = createInterface({ input: this.#process.stdout });
  }

  get pid(): number {
    return this.#process.pid ?? -1;
  }

  /** @throws Error where the process has ended. */
  async ask(line: 'open' | 'close'): Promise<Told> {
    const ended = once(this.#process, 'exit').then(() => {
      throw new Error('the process with the pages has ended');
    });
    ended.catch(() => undefined);
    const answer = once(this.#answers, 'line');
    this.#process.stdin.write(`${line}\n`);
    const [text] = (await Promise.race([answer, ended])) as [string];
    return JSON.parse(text) as Told;
  }

  [Symbol.dispose](): void {
    this.#process.kill('SIGKILL');
  }
}
