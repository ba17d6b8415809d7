/**
 * Seconds of training to 98.5 % of the test images, mean over the seeds, on
 * all cores; start-up, loading and evaluation are apart for everybody. First
 * the settings of each are searched for the fastest, then these train once
 * more, in turn, so that a ratio is of runs that followed each other.
 */
import { hasPeer } from './peers.js';
import { spread } from './statistics.js';
import {
  meanAccuracy,
  meanSeconds,
  percent,
  search,
} from './time-to-accuracy/search.js';
import type {
  Finding,
  Goal,
  Point,
  Setting,
} from './time-to-accuracy/search.js';
import {
  kerasSettings,
  musterSettings,
  pytorchSettings,
} from './time-to-accuracy/settings.js';

const TARGET = 0.985;
const DEFAULT_SEEDS = '5';

type Tell = (line: string) => void;

/** Runs it and gives a row for each that reached it, Muster's default first. */
export async function benchTimeToAccuracy(
  tell: Tell,
  flags: ReadonlyMap<string, string>,
) {
  const seeds = seedsOf(flags.get('seeds') ?? DEFAULT_SEEDS);
  const goal = { accuracy: TARGET, seeds };
  const racers: Finding[] = [];
  for (const settings of families(flags.get('python'), tell)) {
    racers.push(...(await fastest(settings, goal, tell)));
  }
  return rowsOf(await race(racers, seeds, tell));
}

function seedsOf(text: string): number[] {
  const count = Number(text);
  if (!(Number.isInteger(count) && count >= 1)) {
    throw new Error(`--seeds takes a whole number from 1, got '${text}'`);
  }
  return Array.from({ length: count }, (_, i) => i + 1);
}

function families(python: string | undefined, tell: Tell): Setting[][] {
  const peers = [
    ['keras_epochs', kerasSettings],
    ['pytorch_ddp', pytorchSettings],
  ] as const;
  const others = peers.flatMap(([script, settings]) => {
    if (hasPeer(python, script)) return [settings(python ?? '')];
    tell(`${script}: skipped, --python names no Python that has it`);
    return [];
  });
  return [musterSettings(), ...others];
}

/** The fastest of somebody's settings; of ours the first that reached it too. */
async function fastest(
  settings: readonly Setting[],
  goal: Goal,
  tell: Tell,
): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const setting of settings) {
    const best = Math.min(...found.map(({ points }) => meanSeconds(points)));
    const finding = await search(setting, goal, best);
    tell(lineOf(finding));
    if (finding.points.length > 0) found.push(finding);
  }
  const sorted = found.toSorted(
    (a, b) => meanSeconds(a.points) - meanSeconds(b.points),
  );
  const isOurs = settings[0]?.who === 'Muster';
  return [
    ...new Set([...found.slice(0, isOurs ? 1 : 0), ...sorted.slice(0, 1)]),
  ];
}

function lineOf({ setting, points, verdict }: Finding): string {
  const [point] = points;
  const figures = point
    ? `, ${point.epoch} epochs, ${percent(meanAccuracy(points))} %, ${meanSeconds(points).toFixed(1)} s`
    : '';
  return `${setting.who}, ${setting.name}: ${verdict}${figures}`;
}

/** Trains all of them once more, in turn. */
async function race(
  racers: readonly Finding[],
  seeds: readonly number[],
  tell: Tell,
): Promise<ReadonlyMap<Setting, readonly Point[]>> {
  const times = new Map(racers.map(({ setting }) => [setting, [] as Point[]]));
  for (const seed of seeds) {
    for (const { setting, points } of racers) {
      const epochs = points[0]?.epoch ?? 1;
      const [end] = (await setting.train(epochs, seed)).slice(-1);
      if (end === undefined) continue;
      times.get(setting)?.push(end);
      tell(`seed ${seed}: ${setting.who}: ${end.seconds.toFixed(1)} s`);
    }
  }
  return times;
}

function rowsOf(times: ReadonlyMap<Setting, readonly Point[]>) {
  const [ours = []] = times.values();
  return [...times].map(([{ who, name }, points]) => ({
    who: `${who}, ${name}`,
    epochs: points[0]?.epoch,
    'accuracy, %': percent(meanAccuracy(points)),
    seconds: spread(points.map(({ seconds }) => seconds)),
    'this / ours': spread(
      points.map(({ seconds }, i) => seconds / (ours[i]?.seconds ?? NaN)),
    ),
  }));
}
