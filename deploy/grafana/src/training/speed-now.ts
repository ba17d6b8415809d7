/** How fast? The figures of now. */
import {
  maxByRun,
  ofRun,
  ofWorkers,
  rate,
  sumByRun,
  sumOf,
} from '../expressions.js';
import type { Figure } from '../figure.js';
import { redBelow, redFrom } from '../limits.js';
import { RECORDED, SERVER, WORKER } from '../metric-names.js';
import { query } from '../panel.js';

const computing = sumByRun(
  rate(ofWorkers(sumOf(WORKER.phase), 'phase="compute"')),
);
const working = sumByRun(rate(ofWorkers(sumOf(WORKER.phase))));

/** The figures, in their order. */
export const SPEED_NOW: readonly Figure[] = [
  {
    kind: 'stat',
    title: 'Images per second',
    shows: 'Images whose gradients were applied, over the last minute.',
    red: 'none was applied within a minute, see "State".',
    unit: 'short',
    limits: redBelow(0.001, 0.001),
    decimals: 0,
    width: 6,
    queries: [query(maxByRun(ofRun(RECORDED.runImages)), '{{run_id}}')],
  },
  {
    kind: 'stat',
    title: 'Scaling efficiency now',
    shows:
      'Images that were applied ÷ those that the same workers would compute if they never waited for anybody, over the last minute.',
    red: 'below half: most of what the workers could do comes to nothing. One slow worker: "Straggler ratio". All wait: a step has too few leaves for so many workers (`--micro-batches`), or the server is busy ("Busy server").',
    unit: 'percentunit',
    limits: redBelow(0.5, 0.8),
    decimals: 0,
    width: 6,
    queries: [query(maxByRun(ofRun(RECORDED.scalingEfficiency)), '{{run_id}}')],
  },
  {
    kind: 'stat',
    title: 'Computing share',
    shows:
      "Share of the workers' time that went into gradients. The rest is waiting, encoding and carrying.",
    red: 'less than 40 %: "Where the workers\' time goes" tells which phase has the rest. Waiting: more or larger leaves. Pushing and pulling: a faster network, or `--wire bf16` for a new run.',
    unit: 'percentunit',
    limits: redBelow(0.4, 0.7),
    decimals: 0,
    width: 6,
    queries: [query(`${computing} / ${working}`, '{{run_id}}')],
  },
  {
    kind: 'stat',
    title: 'Busy server',
    shows:
      'Share of the time in which the busiest server adds contributions or applies the optimizer.',
    red: '80 % or more: it is what the workers wait for. Stop the run and let it go on with another server (`--resume RUN --servers 2`): the bits stay the same.',
    unit: 'percentunit',
    limits: redFrom(0.8, 0.5),
    decimals: 0,
    width: 6,
    queries: [
      query(
        maxByRun(
          sumByRun(
            rate(ofRun(sumOf(SERVER.phase), 'phase=~"sum|apply"')),
            'server',
          ),
        ),
        '{{run_id}}',
      ),
    ],
  },
];
