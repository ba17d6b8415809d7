/** Who is there? Workers and servers, counted. */
import { maxByRun, ofRun, ofServerProcesses } from '../expressions.js';
import type { Figure } from '../figure.js';
import { redBelow, redFrom } from '../limits.js';
import { SERVER } from '../metric-names.js';
import { query } from '../panel.js';

/** Workers by where they stand, and who is missing. */
export const HEADCOUNT: readonly Figure[] = [
  {
    kind: 'stat',
    title: 'Active workers',
    shows: 'Workers that take tasks.',
    red: 'none: start one (`muster worker`), or see the log for why they went.',
    unit: 'none',
    limits: redBelow(1, 1),
    width: 6,
    queries: [
      query(maxByRun(ofRun(SERVER.workers, 'state="active"')), '{{run_id}}'),
    ],
  },
  {
    kind: 'stat',
    title: 'Missing workers',
    shows:
      'Expected workers that are not active; 0 where nobody said how many (`muster server` by `--expect-workers`).',
    red: 'one or more; after a minute `MusterWorkerMissing` fires. They were killed, cannot connect, or wait for a machine: `muster logs RUN --level warn` says who went and why. Training goes on without them, more slowly.',
    unit: 'none',
    limits: redFrom(1),
    width: 6,
    queries: [
      query(
        `clamp_min(${maxByRun(ofRun(SERVER.workersExpected))} - ${maxByRun(ofRun(SERVER.workers, 'state="active"'))}, 0)`,
        '{{run_id}}',
      ),
    ],
  },
  {
    kind: 'stat',
    title: 'Silent workers',
    shows:
      'Workers whose connection is there, or may come back, and that say nothing.',
    red: 'one or more: paused, swapping, or behind a cut cable. Their tasks go to others after `--lease-ms`.',
    unit: 'none',
    limits: redFrom(1),
    width: 6,
    queries: [
      query(maxByRun(ofRun(SERVER.workers, 'state="suspended"')), '{{run_id}}'),
    ],
  },
  {
    kind: 'stat',
    title: 'Servers',
    shows: 'Processes of parameter servers that Prometheus reaches.',
    red: 'none: the run stands still, or Prometheus cannot reach it (its own page "Targets" says why).',
    unit: 'none',
    limits: redBelow(1, 1),
    width: 6,
    queries: [
      query(
        `sum by (run_id) (${ofServerProcesses({ name: 'up' })})`,
        '{{run_id}}',
      ),
    ],
  },
];
