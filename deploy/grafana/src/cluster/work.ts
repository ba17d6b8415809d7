/** What does each worker do? Phases, versions and outcomes. */
import {
  countOf,
  maxByRun,
  maxByWorker,
  ofRun,
  ofWorkers,
  rate,
  sumByWorker,
  sumOf,
} from '../expressions.js';
import type { Figure } from '../figure.js';
import { NEUTRAL, redBelow, redFrom } from '../limits.js';
import { GUESSING_NATS } from '../training/goals.js';
import { RECORDED, SERVER, WORKER } from '../metric-names.js';
import { query } from '../panel.js';

/** Mean seconds of a phase, by worker. */
function meanOf(phase: string): string {
  const matcher = `phase="${phase}"`;
  const sum = sumByWorker(rate(ofWorkers(sumOf(WORKER.phase), matcher)));
  const count = sumByWorker(rate(ofWorkers(countOf(WORKER.phase), matcher)));
  return `${sum} / ${count}`;
}

const phases = sumByWorker(rate(ofWorkers(sumOf(WORKER.phase))), 'phase');

/** In their order. */
export const WORK: readonly Figure[] = [
  {
    kind: 'lines',
    title: 'Images per second by worker',
    shows: 'Images whose gradient each worker computed, over the last minute.',
    red: 'nothing: it waits, evaluates, or hangs. See its row in "Workers now".',
    unit: 'short',
    limits: redBelow(0.001, 0.001),
    min: 0,
    width: 12,
    queries: [
      query(maxByWorker(ofWorkers(RECORDED.workerImages)), '{{worker}}'),
    ],
  },
  {
    kind: 'lines',
    title: 'Computing a gradient',
    shows: 'Mean seconds that the gradient of one task takes, by worker.',
    red: 'five seconds or more: a slow machine, a slow backend, or leaves that are too large (more `--micro-batches`).',
    unit: 's',
    limits: redFrom(5, 2),
    min: 0,
    width: 12,
    queries: [query(meanOf('compute'), '{{worker}}')],
  },
  {
    kind: 'lines',
    title: 'Pushing a gradient',
    shows:
      'Mean seconds to push a contribution until the servers have answered.',
    red: 'one second or more: the network or the server is slow. Compare with "Heartbeat round trip" and "Servers now"; `--wire bf16` halves what is pushed, for a new run.',
    unit: 's',
    limits: redFrom(1, 0.25),
    min: 0,
    width: 12,
    queries: [query(meanOf('push'), '{{worker}}')],
  },
  {
    kind: 'lines',
    title: 'From task to task',
    shows:
      'Mean seconds from one gradient task of a worker to the next, waiting included, over the last minute. In sync they are close to each other, as all wait for the slowest.',
    red: 'ten seconds or more: see "Computing a gradient" and "Phases of $worker" for where they go.',
    unit: 's',
    limits: redFrom(10, 5),
    min: 0,
    width: 12,
    queries: [
      query(maxByWorker(ofWorkers(RECORDED.workerStepSeconds)), '{{worker}}'),
    ],
  },
  {
    kind: 'lines',
    title: 'Versions behind',
    shows:
      "Steps that a worker's parameters are behind the newest ones: 0 or 1 in sync.",
    red: '100 or more, where async begins to refuse (`--max-staleness`): the worker is cut off or far too slow.',
    unit: 'none',
    limits: redFrom(100, 10),
    min: 0,
    width: 12,
    queries: [
      query(
        `clamp_min(${maxByRun(ofRun(SERVER.step))} - on (run_id) group_right () ${maxByWorker(ofWorkers(WORKER.step))}, 0)`,
        '{{worker}}',
      ),
    ],
  },
  {
    kind: 'lines',
    title: 'Loss by worker',
    shows:
      "Mean training loss over the examples of each worker's last gradient task, in nats. All are the same network on other examples.",
    red: `above the broken line (${GUESSING_NATS} nats) it guesses among ten classes. One line far above the others: that worker reads other data.`,
    unit: 'none',
    limits: redFrom(GUESSING_NATS),
    min: 0,
    width: 12,
    queries: [query(maxByWorker(ofWorkers(WORKER.loss)), '{{worker}}')],
  },
  {
    kind: 'lines',
    title: 'Tasks by worker',
    shows: 'Tasks a second that each worker finished, by kind.',
    red: '1,000 or more: leaves are too small; use fewer `--micro-batches`.',
    unit: 'ops',
    limits: redFrom(1_000, 500),
    min: 0,
    width: 12,
    queries: [
      query(
        sumByWorker(rate(ofWorkers(WORKER.tasks)), 'kind'),
        '{{kind}} {{worker}}',
      ),
    ],
  },
  {
    kind: 'lines',
    title: 'Pushes by outcome',
    shows: 'Contributions a second by worker and by what the server answered.',
    red: '1,000 or more: see "Tasks by worker". One that only gets duplicates is the straggler.',
    unit: 'ops',
    limits: redFrom(1_000, 500),
    min: 0,
    width: 12,
    queries: [
      query(
        sumByWorker(rate(ofWorkers(WORKER.pushes)), 'outcome'),
        '{{outcome}} {{worker}}',
      ),
    ],
  },
];

/** One panel a worker. */
export const EACH_WORKER: readonly Figure[] = [
  {
    kind: 'lines',
    title: 'Phases of $worker',
    shows:
      'Share of its time that this worker spends on each phase; above 100 % where it pushes while it computes.',
    red: 'never: the phases add up to the whole. A worker with more "pull" or "push" than others has the slower network, one with more "compute" the slower processor.',
    unit: 'percentunit',
    limits: NEUTRAL,
    min: 0,
    width: 24,
    isStacked: true,
    repeat: 'worker',
    queries: [query(phases, '{{phase}}')],
  },
];
