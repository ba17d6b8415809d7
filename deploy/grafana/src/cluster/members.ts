/** Who is there? Every worker and every server, with its figures of now. */
import {
  inRange,
  maxByRun,
  maxByWorker,
  ofRun,
  ofServerProcesses,
  ofWorkerProcesses,
  ofWorkers,
  rate,
  sumByRun,
  sumByWorker,
  sumOf,
} from '../expressions.js';
import type { Figure } from '../figure.js';
import { redBelow, redFrom } from '../limits.js';
import { NODE, RECORDED, SERVER, WORKER } from '../metric-names.js';

/** A worker of the notebook takes a tenth of that. */
const MEMORY = redFrom(4e9, 2e9);
const LAG = redFrom(0.5, 0.1);

/** By what the bits of a gradient are decided. */
const INFO = 'worker, backend, numerics';

/** The tables. */
export const MEMBERS: readonly Figure[] = [
  {
    kind: 'table',
    title: 'Workers now',
    shows:
      'A row a worker: whether it is connected, the version it holds, its images a second, the share of time that it waits, its process, and what it computes with.',
    red: 'by column. Not connected: `muster logs RUN --worker W`. Waiting 60 % or more: too little work. Memory 4 GB or more, or tensors in the thousands: a leak, start it again. Event loop half a second late: the machine has too few cores for its processes.',
    width: 24,
    labels: {
      run_id: 'Run',
      worker: 'Worker',
      backend: 'Backend',
      numerics: 'Numerics',
    },
    columns: [
      {
        name: 'Connected',
        expr: maxByWorker(ofWorkers(WORKER.connected)),
        unit: 'bool_yes_no',
        limits: redBelow(1, 1),
      },
      {
        name: 'Version',
        expr: maxByWorker(ofWorkers(WORKER.step)),
        unit: 'none',
      },
      {
        name: 'Images/s',
        expr: maxByWorker(ofWorkers(RECORDED.workerImages)),
        unit: 'short',
        decimals: 0,
      },
      {
        name: 'Waiting',
        expr: sumByWorker(
          rate(ofWorkers(sumOf(WORKER.phase), 'phase=~"wait|pull"')),
        ),
        unit: 'percentunit',
        decimals: 0,
        limits: redFrom(0.6, 0.3),
      },
      {
        name: 'Memory',
        expr: maxByWorker(ofWorkerProcesses(NODE.residentMemory)),
        unit: 'bytes',
        limits: MEMORY,
      },
      {
        name: 'Tensors',
        expr: maxByWorker(ofWorkers(WORKER.tensors)),
        unit: 'none',
        limits: redFrom(5_000, 1_000),
      },
      {
        name: 'Event loop late',
        expr: maxByWorker(ofWorkerProcesses(NODE.eventLoopLagP99)),
        unit: 's',
        limits: LAG,
      },
      {
        name: 'Reconnects',
        expr: sumByWorker(inRange(ofWorkers(WORKER.reconnects))),
        unit: 'none',
        decimals: 0,
        limits: redFrom(10, 1),
      },
      {
        name: 'Info',
        expr: maxByRun(ofWorkers(WORKER.backendInfo), INFO),
        unit: 'none',
        isInfo: true,
      },
    ],
  },
  {
    kind: 'table',
    title: 'Servers now',
    shows:
      'A row a parameter server: the share of time that it adds and applies, the bytes it moves, and its process.',
    red: 'by column. Busy 80 % or more: stop the run and let it go on with another server (`--resume RUN --servers 2`). Memory 4 GB or more: see whether it grows, below. Event loop half a second late: something else takes its core.',
    width: 24,
    labels: { run_id: 'Run', server: 'Server' },
    columns: [
      {
        name: 'Busy',
        expr: sumByRun(
          rate(ofRun(sumOf(SERVER.phase), 'phase=~"sum|apply"')),
          'server',
        ),
        unit: 'percentunit',
        decimals: 1,
        limits: redFrom(0.8, 0.5),
      },
      {
        name: 'Receives',
        expr: sumByRun(rate(ofRun(SERVER.receivedBytes)), 'server'),
        unit: 'Bps',
      },
      {
        name: 'Sends',
        expr: sumByRun(rate(ofRun(SERVER.sentBytes)), 'server'),
        unit: 'Bps',
      },
      {
        name: 'Memory',
        expr: maxByRun(ofServerProcesses(NODE.residentMemory), 'server'),
        unit: 'bytes',
        limits: MEMORY,
      },
      {
        name: 'Event loop late',
        expr: maxByRun(ofServerProcesses(NODE.eventLoopLagP99), 'server'),
        unit: 's',
        limits: LAG,
      },
    ],
  },
];
