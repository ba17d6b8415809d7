/** What do the processes take? Memory, processor, event loop, tensors. */
import {
  maxByRun,
  maxByWorker,
  ofServerProcesses,
  ofWorkerProcesses,
  ofWorkers,
  rate,
  sumByRun,
  sumByWorker,
} from '../expressions.js';
import type { Figure } from '../figure.js';
import { redFrom } from '../limits.js';
import { NODE, WORKER } from '../metric-names.js';
import { query } from '../panel.js';

/** In their order. */
export const WORKER_MACHINES: readonly Figure[] = [
  {
    kind: 'lines',
    title: 'Memory of workers',
    shows: 'Resident memory of each worker.',
    red: '4 GB or more; a line that rises without end is a leak. Start the worker again: nothing is lost.',
    unit: 'bytes',
    limits: redFrom(4e9, 2e9),
    min: 0,
    width: 12,
    queries: [
      query(maxByWorker(ofWorkerProcesses(NODE.residentMemory)), '{{worker}}'),
    ],
  },
  {
    kind: 'lines',
    title: 'Tensors of workers',
    shows: 'Tensors alive after the last task: the same number all the time.',
    red: '5,000 or more: tensors are not given back, and the memory goes with them. A network of your own must dispose of what it makes; start the worker again until it does.',
    unit: 'none',
    limits: redFrom(5_000, 1_000),
    min: 0,
    width: 12,
    queries: [query(maxByWorker(ofWorkers(WORKER.tensors)), '{{worker}}')],
  },
  {
    kind: 'lines',
    title: 'Processors of workers',
    shows:
      'Processor seconds a second: 1 is a whole core, which is what a worker that computes all the time takes.',
    red: 'two cores or more: the library runs more threads than one. Start workers by `muster`, which sets `TF_NUM_INTRAOP_THREADS=1`.',
    unit: 'none',
    limits: redFrom(2, 1.5),
    min: 0,
    width: 12,
    queries: [
      query(sumByWorker(rate(ofWorkerProcesses(NODE.cpu))), '{{worker}}'),
    ],
  },
  {
    kind: 'lines',
    title: 'Event loop of workers',
    shows:
      'Seconds that the event loop comes late, 99 of 100 times less. Computing a leaf holds it up, so it is about "Computing a gradient".',
    red: 'five seconds or more: heartbeats come late, and after `--lease-ms` the worker counts as silent. Smaller leaves (more `--micro-batches`).',
    unit: 's',
    limits: redFrom(5, 1),
    min: 0,
    width: 12,
    queries: [
      query(maxByWorker(ofWorkerProcesses(NODE.eventLoopLagP99)), '{{worker}}'),
    ],
  },
];

const processors = rate(ofServerProcesses(NODE.cpu));

/** In their order. */
export const SERVER_MACHINES: readonly Figure[] = [
  {
    kind: 'lines',
    title: 'Memory of servers',
    shows: 'Resident memory of each server.',
    red: '4 GB or more; a line that rises without end is a leak: report it.',
    unit: 'bytes',
    limits: redFrom(4e9, 2e9),
    min: 0,
    width: 8,
    queries: [
      query(
        maxByRun(ofServerProcesses(NODE.residentMemory), 'server'),
        'server {{server}} {{run_id}}',
      ),
    ],
  },
  {
    kind: 'lines',
    title: 'Processors of servers',
    shows: 'Processor seconds a second: 1 is a whole core.',
    red: '1 or more: the server is what all wait for. Stop the run and let it go on with another one (`--resume RUN --servers 2`).',
    unit: 'none',
    limits: redFrom(1, 0.8),
    min: 0,
    width: 8,
    queries: [
      query(sumByRun(processors, 'server'), 'server {{server}} {{run_id}}'),
    ],
  },
  {
    kind: 'lines',
    title: 'Event loop of servers',
    shows: 'Seconds that the event loop comes late, 99 of 100 times less.',
    red: 'half a second or more: every worker waits that long. Another server (`--servers`), or a core of its own.',
    unit: 's',
    limits: redFrom(0.5, 0.1),
    min: 0,
    width: 8,
    queries: [
      query(
        maxByRun(ofServerProcesses(NODE.eventLoopLagP99), 'server'),
        'server {{server}} {{run_id}}',
      ),
    ],
  },
];
