/** What is kept? Checkpoints: how old, how large, how long they take. */
import {
  countOf,
  inRange,
  maxByRun,
  ofRun,
  sumByRun,
  sumOf,
} from '../expressions.js';
import type { Figure } from '../figure.js';
import { redFrom } from '../limits.js';
import { RECORDED, SERVER } from '../metric-names.js';
import { query } from '../panel.js';

const writing = sumByRun(inRange(ofRun(sumOf(SERVER.checkpointDuration))));
const written = sumByRun(inRange(ofRun(countOf(SERVER.checkpointDuration))));

/** In their order. */
export const CHECKPOINTS: readonly Figure[] = [
  {
    kind: 'stat',
    title: 'Age of the checkpoint',
    shows:
      'Seconds since the newest whole checkpoint was written: what a crash of the server would cost now.',
    red: 'half an hour or more, when `MusterCheckpointTooOld` fires: `--checkpoint-every` is too large for this pace, or they fail: see "Failed checkpoints".',
    unit: 's',
    limits: redFrom(1_800, 600),
    decimals: 0,
    width: 6,
    queries: [query(maxByRun(ofRun(RECORDED.checkpointAge)), '{{run_id}}')],
  },
  {
    kind: 'stat',
    title: 'Size of a checkpoint',
    shows:
      'Bytes of the newest whole checkpoint, of all servers: parameters and the state of the optimizer, which for Adam is twice as large.',
    red: '10 GB or more: see that the disk has room for several.',
    unit: 'bytes',
    limits: redFrom(1e10, 1e9),
    width: 6,
    queries: [query(sumByRun(ofRun(SERVER.checkpointBytes)), '{{run_id}}')],
  },
  {
    kind: 'stat',
    title: 'Seconds a checkpoint',
    shows:
      'Mean seconds to write one, over all that the dashboard shows. Training goes on meanwhile.',
    red: 'ten seconds or more: the disk is slow. Give the run a local one (`--out`).',
    unit: 's',
    limits: redFrom(10, 2),
    isTotal: true,
    width: 6,
    queries: [query(`${writing} / (${written} > 0)`, '{{run_id}}')],
  },
  {
    kind: 'stat',
    title: 'Failed checkpoints',
    shows:
      'Checkpoints that could not be written, in all that the dashboard shows. Training goes on without.',
    red: 'one or more: the disk is full or may not be written to; `muster logs RUN --level error` says which. Make room before anything crashes.',
    unit: 'short',
    limits: redFrom(1),
    decimals: 0,
    isTotal: true,
    width: 6,
    queries: [
      query(sumByRun(inRange(ofRun(SERVER.checkpointFailures))), '{{run_id}}'),
    ],
  },
  {
    kind: 'lines',
    title: 'Age of the checkpoint over time',
    shows: 'A saw: it falls to nothing with each checkpoint.',
    red: 'half an hour or more: see "Age of the checkpoint".',
    unit: 's',
    limits: redFrom(1_800, 600),
    min: 0,
    width: 24,
    queries: [query(maxByRun(ofRun(RECORDED.checkpointAge)), '{{run_id}}')],
  },
];
