/** Who holds which work? Leases, backup tasks, and tasks given back. */
import {
  maxByRun,
  ofRun,
  ofWorkers,
  sumByRun,
  sumByWorker,
} from '../expressions.js';
import type { Figure } from '../figure.js';
import { NEUTRAL, redFrom } from '../limits.js';
import { SERVER, WORKER } from '../metric-names.js';
import { query } from '../panel.js';

/** In their order. */
export const LEASES: readonly Figure[] = [
  {
    kind: 'lines',
    title: 'Leases expired',
    shows:
      'Tasks whose worker was silent for `--lease-ms`, since the server began: their leaves went to others.',
    red: '100 or more: the lease is shorter than the tasks, or workers die. Compare with "Reconnects" and "Event loop of workers".',
    unit: 'none',
    limits: redFrom(100, 10),
    min: 0,
    width: 8,
    queries: [query(sumByRun(ofRun(SERVER.leasesExpired)), '{{run_id}}')],
  },
  {
    kind: 'lines',
    title: 'Backup tasks',
    shows:
      'Copies of slow tasks that idle workers were given, and copies that were faster, since the server began.',
    red: 'never: they cost the time of idle workers only. How many there are for each contribution that counted: "Copies of slow tasks" in the dashboard Training.',
    unit: 'none',
    limits: NEUTRAL,
    min: 0,
    width: 8,
    queries: [
      query(sumByRun(ofRun(SERVER.backups)), 'started {{run_id}}'),
      query(sumByRun(ofRun(SERVER.backupsWon)), 'won {{run_id}}'),
    ],
  },
  {
    kind: 'lines',
    title: 'Tasks given back',
    shows: 'Tasks that a worker could not do, by worker, since it began.',
    red: 'one or more: `muster logs RUN --worker W` says why: memory, data that it lacks, or numbers that are none.',
    unit: 'none',
    limits: redFrom(1),
    min: 0,
    width: 8,
    queries: [query(sumByWorker(ofWorkers(WORKER.taskFailures)), '{{worker}}')],
  },
  {
    kind: 'lines',
    title: 'Workers by state over time',
    shows:
      'Workers of the run by where they stand: joined, active, suspended (silent, its lease runs), lost, gone.',
    red: 'never: see "Missing workers" and "Silent workers".',
    unit: 'none',
    limits: NEUTRAL,
    min: 0,
    width: 24,
    queries: [
      query(maxByRun(ofRun(SERVER.workers), 'state'), '{{state}} {{run_id}}'),
    ],
  },
];
