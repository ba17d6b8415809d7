/** Who holds it up? By worker, over time. */
import {
  bucketOf,
  maxByRun,
  ofRun,
  ofWorkers,
  rate,
  sumByRun,
  sumByWorker,
  sumOf,
} from '../expressions.js';
import type { Figure } from '../figure.js';
import { NEUTRAL, redBelow, redFrom } from '../limits.js';
import { SERVER, WORKER } from '../metric-names.js';
import { query } from '../panel.js';

/** Share of each worker's time in which it had nothing to compute. */
export const WAITING = sumByWorker(
  rate(ofWorkers(sumOf(WORKER.phase), 'phase=~"wait|pull"')),
);

const working = sumByWorker(
  rate(ofWorkers(sumOf(WORKER.phase), 'phase=~"data|compute|encode"')),
);
const tasks = sumByWorker(rate(ofWorkers(WORKER.tasks, 'kind="gradient"')));

/** The curves, in their order. */
export const HOLDING_UP: readonly Figure[] = [
  {
    kind: 'lines',
    title: 'Working on a task',
    shows:
      'Mean seconds that each worker works on a task (cut the data, compute, encode), without waiting: the line on top is who holds it up.',
    red: 'five seconds or more: smaller leaves (more `--micro-batches`), or a faster backend (`muster doctor` tells which there is).',
    unit: 's',
    limits: redFrom(5, 2),
    min: 0,
    width: 12,
    queries: [query(`${working} / ${tasks}`, '{{worker}}')],
  },
  {
    kind: 'lines',
    title: 'Waiting',
    shows:
      'Share of its time that each worker waits for a task or for the parameters of one: the line at the bottom is who the others wait for.',
    red: '60 % or more: see "Longest wait".',
    unit: 'percentunit',
    limits: redFrom(0.6, 0.3),
    min: 0,
    width: 12,
    queries: [query(WAITING, '{{worker}}')],
  },
  {
    kind: 'heatmap',
    title: 'Staleness of contributions',
    shows: 'Contributions a second by their staleness in steps.',
    red: 'never: its colours are counts. See "Mean staleness".',
    unit: 'none',
    limits: NEUTRAL,
    width: 12,
    queries: [
      query(
        `sum by (le) (${rate(ofRun(bucketOf(SERVER.staleness)))})`,
        '{{le}}',
      ),
    ],
  },
  {
    kind: 'lines',
    title: 'Leases expired and backup tasks',
    shows:
      'A second: tasks whose worker was silent for too long, copies given to idle workers, and copies that were faster.',
    red: 'one a second or more: the lease is shorter than the tasks (`--lease-ms`), or workers come and go.',
    unit: 'ops',
    limits: redFrom(1, 0.5),
    min: 0,
    width: 12,
    queries: [
      query(sumByRun(rate(ofRun(SERVER.leasesExpired))), 'expired {{run_id}}'),
      query(sumByRun(rate(ofRun(SERVER.backups))), 'backups {{run_id}}'),
      query(sumByRun(rate(ofRun(SERVER.backupsWon))), 'won {{run_id}}'),
    ],
  },
  {
    kind: 'lines',
    title: 'Workers by state',
    shows:
      'Workers of the run by where they stand, and how many are expected (0: nobody said).',
    red: 'below one: nobody works. Start workers (`muster worker`), or see why they went: "Joins and departures".',
    unit: 'none',
    limits: redBelow(1, 1),
    min: 0,
    width: 24,
    queries: [
      query(maxByRun(ofRun(SERVER.workers), 'state'), '{{state}} {{run_id}}'),
      query(maxByRun(ofRun(SERVER.workersExpected)), 'expected {{run_id}}'),
    ],
  },
];
