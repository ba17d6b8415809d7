/** What was lost? What came of work and workers, over time. */
import { maxByRun, ofRun, rate, sumByRun } from '../expressions.js';
import type { Figure } from '../figure.js';
import { NEUTRAL, redBelow, redFrom } from '../limits.js';
import { SERVER } from '../metric-names.js';
import { query } from '../panel.js';

const goodput = query(maxByRun(ofRun(SERVER.goodput)), '{{run_id}}');
const recoveries = ofRun(SERVER.recoveries);

/** The curves, in their order. */
export const LOST: readonly Figure[] = [
  {
    kind: 'lines',
    title: 'Goodput',
    shows: '"Goodput now" over time. It falls while nothing is applied.',
    red: 'below 80 %: see "Goodput now".',
    unit: 'percentunit',
    limits: redBelow(0.8, 0.95),
    min: 0,
    max: 1,
    width: 8,
    queries: [goodput],
  },
  {
    kind: 'lines',
    title: 'Examples by outcome',
    shows:
      'Examples a second that were applied, that were pushed again after that (duplicate, they do not count), or that a trained epoch is without (lost).',
    red: 'never: what is lost is judged by "Examples lost".',
    unit: 'ops',
    limits: NEUTRAL,
    min: 0,
    width: 8,
    queries: [
      query(
        sumByRun(rate(ofRun(SERVER.examples)), 'outcome'),
        '{{outcome}} {{run_id}}',
      ),
    ],
  },
  {
    kind: 'lines',
    title: 'Contributions by outcome',
    shows:
      "Contributions a second by what came of them. Duplicate, overlap and stale are copies of slow tasks, and what was sent again, that came after somebody else's; in async stale are also those beyond `--max-staleness`.",
    red: '1,000 or more a second: leaves are too small for the wire; use fewer `--micro-batches`.',
    unit: 'ops',
    limits: redFrom(1_000, 500),
    min: 0,
    width: 8,
    queries: [
      query(
        sumByRun(rate(ofRun(SERVER.pushes)), 'outcome'),
        '{{outcome}} {{run_id}}',
      ),
    ],
  },
  {
    kind: 'lines',
    title: 'Joins and departures',
    shows:
      'Workers that joined, each return counted again, and that went away, by reason, since the server began: left (said so), lost (connection), silent (lease), quarantined (refused several times), replaced (by a new life).',
    red: '10 or more: see "Recoveries in range".',
    unit: 'short',
    limits: redFrom(10, 5),
    min: 0,
    width: 8,
    queries: [
      query(sumByRun(ofRun(SERVER.joins)), 'joined {{run_id}}'),
      query(
        sumByRun(ofRun(SERVER.departures), 'reason'),
        '{{reason}} {{run_id}}',
      ),
    ],
  },
  {
    kind: 'lines',
    title: 'Refused connections',
    shows: 'Connections that the servers refused or closed, by reason.',
    red: 'ten a second or more: somebody without the token knocks (unauthorized), or workers of another version try again and again (protocol-version, model-mismatch).',
    unit: 'ops',
    limits: redFrom(10, 1),
    min: 0,
    width: 8,
    queries: [
      query(
        sumByRun(rate(ofRun(SERVER.connectionsRefused)), 'reason'),
        '{{reason}} {{run_id}}',
      ),
    ],
  },
  {
    kind: 'lines',
    title: 'Losses and recoveries',
    shows:
      'Recoveries by what was lost, and tasks that workers gave back as they could not do them, since the server began.',
    red: '10 or more: see "Recoveries in range".',
    unit: 'short',
    limits: redFrom(10, 5),
    min: 0,
    width: 8,
    queries: [
      query(sumByRun(recoveries, 'kind'), 'recovery of {{kind}} {{run_id}}'),
      query(sumByRun(ofRun(SERVER.taskFailures)), 'task failures {{run_id}}'),
    ],
  },
];
