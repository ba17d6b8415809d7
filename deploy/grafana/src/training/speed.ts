/** How fast? Throughput, steps, where the time and the bytes go. */
import {
  bucketOf,
  maxByRun,
  ofRun,
  ofWorkers,
  quantile,
  rate,
  sumByRun,
} from '../expressions.js';
import type { Figure } from '../figure.js';
import { NEUTRAL, redBelow, redFrom } from '../limits.js';
import { RECORDED, SERVER } from '../metric-names.js';
import { query } from '../panel.js';

const stepBuckets = ofRun(bucketOf(SERVER.stepDuration));
const received = rate(ofRun(SERVER.receivedBytes));
const sent = rate(ofRun(SERVER.sentBytes));

/** The curves, in their order. */
export const SPEED: readonly Figure[] = [
  {
    kind: 'lines',
    title: 'Throughput',
    shows:
      'Images a second: applied by the run, and computed by each worker. What workers computed twice, as backup, is in the second only.',
    red: 'the line lies at nothing: nothing is applied, see "State".',
    unit: 'short',
    limits: redBelow(0.001, 0.001),
    min: 0,
    width: 12,
    queries: [
      query(maxByRun(ofRun(RECORDED.runImages)), 'run {{run_id}}'),
      query(maxByRun(ofWorkers(RECORDED.workerImages), 'worker'), '{{worker}}'),
    ],
  },
  {
    kind: 'lines',
    title: 'Scaling efficiency',
    shows:
      '"Scaling efficiency now" over time: compare it before and after workers came.',
    red: 'below half: see "Scaling efficiency now".',
    unit: 'percentunit',
    limits: redBelow(0.5, 0.8),
    min: 0,
    width: 12,
    queries: [query(maxByRun(ofRun(RECORDED.scalingEfficiency)), '{{run_id}}')],
  },
  {
    kind: 'lines',
    title: 'Step time',
    shows:
      'Seconds from one applied step to the next: the middle one, and the one that 99 of 100 are faster than.',
    red: 'ten seconds or more. Far apart: now and then a worker holds everybody up, see "Who holds it up?". Together: the work itself, see "Computing share".',
    unit: 's',
    limits: redFrom(10, 5),
    min: 0,
    width: 12,
    queries: [
      query(quantile(0.5, stepBuckets, 'run_id'), 'p50 {{run_id}}'),
      query(quantile(0.99, stepBuckets, 'run_id'), 'p99 {{run_id}}'),
    ],
  },
  {
    kind: 'lines',
    title: "Where the workers' time goes",
    shows:
      'Share of the time of all workers by phase: wait for a task, cut the data, compute, encode, push until the servers have answered, wait for the parameters (pull).',
    red: 'never: the phases add up to the whole. See "Computing share".',
    unit: 'percentunit',
    limits: NEUTRAL,
    min: 0,
    width: 12,
    isStacked: true,
    queries: [
      query(
        maxByRun(ofRun(RECORDED.phaseShare), 'phase'),
        '{{phase}} {{run_id}}',
      ),
    ],
  },
  {
    kind: 'lines',
    title: 'Bytes from and to workers',
    shows:
      'Bytes a second that all servers receive (gradients) and send (parameters), as they are on the wire, from and to other servers too.',
    red: '1 GB/s or more, near what ten-gigabit Ethernet carries: fewer and larger steps (`--global-batch`) or `--wire bf16`, both for a new run.',
    unit: 'Bps',
    limits: redFrom(1e9, 1e8),
    min: 0,
    width: 12,
    queries: [
      query(sumByRun(received), 'received {{run_id}}'),
      query(sumByRun(sent), 'sent {{run_id}}'),
    ],
  },
  {
    kind: 'lines',
    title: 'Bytes after ÷ before encoding',
    shows:
      'Bytes on the wire ÷ the same numbers as float32. 1 is float32, 0.5 bf16.',
    red: 'above 1.1: frames carry more than gradients and parameters. Small models have that from headers; a large one should not.',
    unit: 'percentunit',
    limits: redFrom(1.1, 1.05),
    min: 0,
    width: 12,
    queries: [
      query(
        `${sumByRun(received)} / ${sumByRun(rate(ofRun(SERVER.receivedRawBytes)))}`,
        'received {{run_id}}',
      ),
      query(
        `${sumByRun(sent)} / ${sumByRun(rate(ofRun(SERVER.sentRawBytes)))}`,
        'sent {{run_id}}',
      ),
    ],
  },
];
