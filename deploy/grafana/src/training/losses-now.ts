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
      'Share of the time of the run so far that ended in applied steps. The rest went into starting, standing still and redoing.',
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
      'Examples whose gradients were computed and never applied, in all that the dashboard shows: of steps that a server lost. They are computed again.',
    red: '10,000 or more: checkpoints are too far apart (`--checkpoint-every`), or give the servers standbys (`--standby 1`).',
    unit: 'short',
    limits: redFrom(10_000, 1),
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
      'Steps that were applied a second time after a server went back to a checkpoint, in all that the dashboard shows.',
    red: '100 or more: see "Examples lost".',
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
      'Times the run went on after the loss of a worker or a server, in all that the dashboard shows.',
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
      'Seconds from a loss to the next progress, added up over all that the dashboard shows.',
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
      'Contributions that were not taken since they were not numbers, of a wrong shape, or too stale, in all that the dashboard shows.',
    red: 'one or more: `muster logs RUN --level warn` says which worker and why. Not a number: lower the learning rate.',
    unit: 'short',
    limits: redFrom(1),
    decimals: 0,
    isTotal: true,
    width: 4,
    queries: [
      query(
        sumByRun(inRange(ofRun(SERVER.pushes, 'outcome=~"refused|stale"'))),
        '{{run_id}}',
      ),
    ],
  },
];
