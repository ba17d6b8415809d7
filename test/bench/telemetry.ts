/**
 * What telemetry costs: trainings whose processes serve metrics that somebody
 * asks for every second, write `metrics.jsonl` and log, against trainings of
 * the same code with nothing in the place of all that, by turns; and how much
 * of a training's work is telemetry by V8's profiler, which follows less what
 * else the machine does.
 */
import { median, spread } from './statistics.js';
import { observeTraining } from './telemetry/observed-training.js';
import type { Observed } from './telemetry/observed-training.js';

const DEFAULT_ROUNDS = '4';
const DEFAULT_EPOCHS = '4';

/** Runs it and gives the figures. */
export async function benchTelemetry(
  tell: (line: string) => void,
  flags: ReadonlyMap<string, string>,
) {
  const rounds = Number(flags.get('rounds') ?? DEFAULT_ROUNDS);
  const epochs = Number(flags.get('epochs') ?? DEFAULT_EPOCHS);
  const all: Observed[] = [];
  const none: Observed[] = [];
  for (let round = 0; round < rounds; round++) {
    // who begins alternates: A B, B A, ...
    const kinds = round % 2 === 0 ? ['all', 'none'] : ['none', 'all'];
    for (const kind of kinds) {
      const isAll = kind === 'all';
      const found = await observeTraining(isAll ? 'all' : 'none', epochs);
      (isAll ? all : none).push(found);
      tell(
        `${kind}: ${found.cpuMs.toFixed(1)} ms of processor time a thousand images, ${found.imagesPerSecond.toFixed(0)} images/s, ${found.numScrapes} pages`,
      );
    }
  }
  const profiled = await observeTraining('profiled', epochs);
  expectSameBits([...all, ...none, profiled]);
  return [rowOf(all, none, profiled)];
}

function rowOf(
  all: readonly Observed[],
  none: readonly Observed[],
  { profile }: Observed,
) {
  const ratios = (of: (one: Observed) => number) =>
    all.map((one, i) => of(one) / of(none[i] ?? one));
  const { oursMs = NaN, busyMs = NaN } = profile ?? {};
  return {
    'processor time, with / without': spread(
      ratios(({ cpuMs }) => cpuMs),
      3,
    ),
    'images/s, with / without': spread(
      ratios(({ imagesPerSecond }) => imagesPerSecond),
      3,
    ),
    'ms a thousand images, with': median(all.map(({ cpuMs }) => cpuMs)).toFixed(
      1,
    ),
    'telemetry in the profile, %': ((100 * oursMs) / busyMs).toFixed(2),
  };
}

/** @throws Error where telemetry shows in the bits. */
function expectSameBits(all: readonly Observed[]): void {
  const hashes = new Set(all.map(({ parametersSha256 }) => parametersSha256));
  if (hashes.size > 1) throw new Error('telemetry shows in the bits');
}
