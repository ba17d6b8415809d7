/**
 * How far Muster scales: a discrete-event simulator that is fed with what the
 * pieces of a step were measured to cost on this machine, validated against
 * real trainings with 1 to 4 workers, and then run for 1 to 1,024 workers
 * and 1 to 32 servers, a machine for each, at 1, 10 and 25 Gb/s.
 *
 * Measured: the processor time of leaves, of both ends of each kind of
 * message, of a server's arithmetic, of the coordinator's brain, and what a
 * training of one worker uses beyond these. Assumed: a network without a limit
 * but each machine's own rate, 0.05 ms from one machine to another, and as
 * many cores of this kind as there are processes. Simulated: everything else.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { accountMsAt, measureAccounts } from './scale/account-costs.js';
import { accountMsOf } from './scale/brain.js';
import { costOf } from './scale/costs.js';
import type { Cost } from './scale/costs.js';
import { drawPanels } from './scale/curves.js';
import { measureAll } from './scale/measure-all.js';
import type { Measured } from './scale/measure-all.js';
import { LEAF_IMAGES, LeafPair } from './scale/leaf-pair.js';
import { SERVERS } from './scale/sweep.js';
import { GIGABITS, needed, strong, weak } from './scale/tables.js';
import type { Grid } from './scale/tables.js';
import { validateServer, validateSpeed } from './scale/validate.js';
import { mean } from './statistics.js';
import { PUSH_BYTES } from './wire-words.js';

/** Longest measurement of the brain at one number of workers. Milliseconds. */
const MOST_BRAIN_MS = 4000;
const DOCS = fileURLToPath(new URL('../../../docs/', import.meta.url));

type Tell = (line: string) => void;

/** Runs it, draws `docs/scale-*.svg`, and gives the table. */
export async function benchScale(tell: Tell) {
  const { measured, ...checked } = await measureHere(tell);
  const accounts = measureAccounts(accountMsOf, MOST_BRAIN_MS);
  tellRows('coordinator, workers and ms a word', accounts, tell);
  const options = {
    ...{ costs: measured.cluster, leafImages: LEAF_IMAGES },
    accountMsAt: (numWorkers: number) => accountMsAt(accounts, numWorkers),
  };
  const { table, grids } = weak(options);
  await drawAll(grids);
  const images = needed(options);
  tellRows('64 workers at 10 Gb/s, by images a worker', images, tell);
  const steps = strong(options);
  tellRows('8,192 images a step at 10 Gb/s', steps, tell);
  const everything = { ...checked, accounts, table, images, steps };
  return printable(table, everything);
}

/** What everything costs, and whether the simulator is right about it. */
async function measureHere(tell: Tell) {
  await using pair = await LeafPair.start();
  const measured = await measureAll(pair, tell);
  const costs = costLines(measured);
  tellRows('ms here and between machines, of whole slices', costs, tell);
  const { machine } = measured;
  const options = { costs: measured.here, machine, pair };
  const speed = await validateSpeed(options);
  tellRows('validation: images a second', speed, tell);
  const server = await validateServer(options);
  tellRows('validation: ms of a server a step, idle workers', server, tell);
  return { measured, costs, machine, validation: { speed, server } };
}

function tellRows(name: string, rows: readonly object[], tell: Tell): void {
  tell(`\n${name}`);
  for (const row of rows) tell(JSON.stringify(row, rounded));
}

/** Each cost of a whole slice. Milliseconds. */
function costLines({ here, cluster }: Measured): object[] {
  const names = Object.keys(here) as (keyof Measured['here'])[];
  const msOf = (cost: Cost | readonly number[]): number =>
    'fixedMs' in cost ? costOf(cost, PUSH_BYTES) : mean(cost);
  return names.map((name) => {
    const cost = cluster[name];
    const fixed = 'fixedMs' in cost ? cost.fixedMs : undefined;
    return { name, here: msOf(here[name]), between: msOf(cost), fixed };
  });
}

/** One file for each network. */
async function drawAll(grids: readonly Grid[]): Promise<void> {
  for (const gigabits of GIGABITS) {
    const panels = grids
      .filter((grid) => grid.gigabits === gigabits)
      .map(({ imagesPerWorker, rows }) => ({
        title: `${imagesPerWorker.toLocaleString('en')} images a worker and step`,
        curves: SERVERS.map((servers) => ({
          name: `${servers} server${servers === 1 ? '' : 's'}`,
          points: rows
            .filter((row) => row.servers === servers)
            .map(({ workers, efficiency }) => [workers, efficiency] as const),
        })),
      }));
    const title = `Simulated efficiency at ${gigabits} Gb/s`;
    await writeFile(`${DOCS}scale-${gigabits}.svg`, drawPanels(title, panels));
  }
}

/** Rows that print as a table, and as everything where JSON is wanted. */
function printable<T extends object>(
  rows: readonly T[],
  everything: object,
): readonly T[] {
  const shown = rows.map(
    (row) => JSON.parse(JSON.stringify(row, rounded)) as T,
  );
  Object.defineProperty(shown, 'toJSON', { value: () => everything });
  return shown;
}

/** Four digits are enough to read. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
}
