/** Who holds it up? The figures of now. */
import {
  countOf,
  inRange,
  maxByRun,
  ofRun,
  rate,
  sumByRun,
  sumOf,
} from '../expressions.js';
import type { Figure } from '../figure.js';
import { redFrom } from '../limits.js';
import { RECORDED, SERVER } from '../metric-names.js';
import { query } from '../panel.js';
import { WAITING } from './stragglers.js';

const meanStaleness =
  sumByRun(rate(ofRun(sumOf(SERVER.staleness)))) +
  ` / ${sumByRun(rate(ofRun(countOf(SERVER.staleness))))}`;
const copies = sumByRun(inRange(ofRun(SERVER.backups)));
const accepted = sumByRun(inRange(ofRun(SERVER.pushes, 'outcome="accepted"')));

/** The figures, in their order. */
export const HOLDING_UP_NOW: readonly Figure[] = [
  {
    kind: 'stat',
    title: 'Straggler ratio',
    shows:
      'Mean time a leaf takes on the slowest worker ÷ on the one in the middle.',
    red: '2 or more, when `MusterStraggler` fires: "Working on a task" names the worker. Look whether something else runs on its machine, or take it away: its leaves go to the others.',
    unit: 'none',
    limits: redFrom(2, 1.5),
    decimals: 2,
    width: 6,
    queries: [query(maxByRun(ofRun(RECORDED.straggler)), '{{run_id}}')],
  },
  {
    kind: 'stat',
    title: 'Longest wait',
    shows:
      'Share of its time that the worker which waits most waits for a task or for the parameters of one.',
    red: '60 % or more: there is too little work for so many workers (more leaves a step, fewer workers), or all wait for one ("Straggler ratio").',
    unit: 'percentunit',
    limits: redFrom(0.6, 0.3),
    decimals: 0,
    width: 6,
    queries: [query(maxByRun(WAITING), '{{run_id}}')],
  },
  {
    kind: 'stat',
    title: 'Copies of slow tasks',
    shows:
      'Copies of slow tasks that idle workers were given ÷ contributions that counted, in all that the dashboard shows. A copy costs nobody anything but the time of who was idle.',
    red: 'half or more: somebody is slow all the time. See "Straggler ratio"; `--straggler-factor` says when a copy is made.',
    unit: 'percentunit',
    limits: redFrom(0.5, 0.25),
    decimals: 1,
    isTotal: true,
    width: 6,
    queries: [query(`${copies} / ${accepted}`, '{{run_id}}')],
  },
  {
    kind: 'stat',
    title: 'Mean staleness',
    shows:
      'Steps that were applied between the parameters of a contribution and the contribution. 0 in the modes sync and local.',
    red: '8 or more: the network learns from the past. Fewer workers, or a new run with `--consistency bounded` and a small `--staleness`, or in sync.',
    unit: 'none',
    limits: redFrom(8, 4),
    decimals: 2,
    width: 6,
    queries: [query(meanStaleness, '{{run_id}}')],
  },
];
