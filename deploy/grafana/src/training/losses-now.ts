/** What was lost? Figures of all that the dashboard shows. */
import { inRange, maxByRun, ofRun, sumByRun, sumOf } from '../expressions.js';
import type { Figure } from '../figure.js';
import { redBelow, redFrom } from '../limits.js';
import { SERVER } from '../metric-names.js';
import { query } from '../panel.js';

const goodput = query(maxByRun(ofRun(SERVER.goodput)), '{{run_id}}');
const recovered = ofRun(sumOf(SERVER.recoveryDuration));

/** The figures, in their order: of all that the dashboard shows. */
export const LOST_NOW: readonly Figure[] = [
  {
    kind: 'stat',
    title: 'Goodput now',
    shows:
      'Share of the time since training began in this process of the server that ended in applied steps. The rest went into waiting for workers or servers, and into steps that were done again.',
    red: 'less than 80 %: look at the marks on the time line above; "Steps redone" and "Seconds of recovery" tell whether a server or the workers cost it.',
    unit: 'percentunit',
    limits: redBelow(0.8, 0.95),
    decimals: 1,
    width: 4,
    queries: [goodput],
  },
  {
    kind: 'stat',
    title: 'Examples lost',
    shows:
      'Examples that a trained epoch is without, in all that the dashboard shows. Every example of an epoch is applied once, whoever dies: it must be 0. Steps that are done again are in the next figure.',
    red: 'one or more: the promise of docs/guarantees.md is broken. Keep the folder of the run and report it.',
    unit: 'short',
    limits: redFrom(1),
    decimals: 0,
    isTotal: true,
    width: 4,
    queries: [
      query(
        sumByRun(inRange(ofRun(SERVER.examples, 'outcome="lost"'))),
        '{{run_id}}',
      ),
    ],
  },
  {
    kind: 'stat',
    title: 'Steps redone',
    shows:
      'Steps that had to be applied again as a lost server had them in memory only, in all that the dashboard shows.',
    red: '100 or more: checkpoints are too far apart (`--checkpoint-every`), or give the servers standbys (`--standby 1`).',
    unit: 'short',
    limits: redFrom(100, 1),
    decimals: 0,
    isTotal: true,
    width: 4,
    queries: [
      query(sumByRun(inRange(ofRun(SERVER.stepsRedone))), '{{run_id}}'),
    ],
  },
  {
    kind: 'stat',
    title: 'Recoveries in range',
    shows:
      'Times that training went on after a worker with tasks, or a server, was lost, in all that the dashboard shows.',
    red: '10 or more: something kills processes. `muster logs RUN --level warn` names them; memory is the usual cause, see the dashboard Cluster.',
    unit: 'short',
    limits: redFrom(10, 1),
    decimals: 0,
    isTotal: true,
    width: 4,
    queries: [
      query(
        sumByRun(inRange(ofRun(SERVER.recoveries)), 'kind'),
        '{{kind}} {{run_id}}',
      ),
    ],
  },
  {
    kind: 'stat',
    title: 'Seconds of recovery',
    shows:
      'Seconds from the last sign of life of who was lost to the next applied step, added up over all that the dashboard shows.',
    red: 'a minute or more: a worker is missed after `--lease-ms`; a server after it is started again, or at once by a standby (`--standby 1`).',
    unit: 's',
    limits: redFrom(60, 10),
    decimals: 1,
    isTotal: true,
    width: 4,
    queries: [
      query(sumByRun(inRange(recovered), 'kind'), '{{kind}} {{run_id}}'),
    ],
  },
  {
    kind: 'stat',
    title: 'Refused contributions',
    shows:
      'Contributions that were not taken since they were not numbers, or of a wrong shape, in all that the dashboard shows. Those that came too late are in "Contributions by outcome".',
    red: 'one or more: `muster logs RUN --level warn` says which worker and why. Not a number: begin a new run with a lower `--learning-rate`.',
    unit: 'short',
    limits: redFrom(1),
    decimals: 0,
    isTotal: true,
    width: 4,
    queries: [
      query(
        sumByRun(inRange(ofRun(SERVER.pushes, 'outcome="refused"'))),
        '{{run_id}}',
      ),
    ],
  },
];
