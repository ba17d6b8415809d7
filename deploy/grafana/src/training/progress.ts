/** Is it learning? State, progress, and the last loss and accuracy. */
import { maxByRun, ofRun } from '../expressions.js';
import { NEUTRAL, redBelow, redFrom } from '../limits.js';
import { SERVER } from '../metric-names.js';
import { query } from '../panel.js';
import { GOAL, GUESSING_NATS } from './goals.js';
import { named } from '../value-names.js';
import type { Figure } from '../figure.js';

const step = ofRun(SERVER.step);
const planned = ofRun(SERVER.plannedSteps);
const isDone = maxByRun(`${step} >= bool ${planned}`);
const isMoving = maxByRun(`changes(${step}[1m]) > bool 0`);

/** In their order. */
export const PROGRESS: readonly Figure[] = [
  {
    kind: 'stat',
    title: 'State',
    shows:
      'Whether steps are being applied: it trains when at least one was within a minute, and has finished when the last planned step was.',
    red: 'no step for a minute; after five, `MusterNoProgress` fires. See "Workers by state" below: without workers nothing happens; with them, look at "Waiting" and at `muster logs RUN --level warn`.',
    unit: 'none',
    limits: redBelow(1, 1),
    width: 3,
    mappings: named({
      0: ['Standing still', 'red'],
      1: ['Training', 'green'],
      2: ['Finished', 'blue'],
    }),
    queries: [query(`clamp_max(2 * ${isDone} + ${isMoving}, 2)`, '{{run_id}}')],
  },
  {
    kind: 'stat',
    title: 'Progress',
    shows: 'Applied steps ÷ planned steps.',
    red: 'never. If it does not rise, look at "State".',
    unit: 'percentunit',
    limits: NEUTRAL,
    decimals: 1,
    width: 3,
    queries: [query(maxByRun(`${step} / ${planned}`), '{{run_id}}')],
  },
  {
    kind: 'stat',
    title: 'Epoch',
    shows: 'The epoch of the last applied step, and how many are planned.',
    red: 'never.',
    unit: 'none',
    limits: NEUTRAL,
    width: 3,
    queries: [
      query(maxByRun(ofRun(SERVER.epoch)), 'epoch'),
      query(maxByRun(ofRun(SERVER.epochs)), 'of'),
    ],
  },
  {
    kind: 'stat',
    title: 'Step',
    shows: 'Optimizer updates applied: the version of the parameters.',
    red: 'never. It falls when a server goes back to a checkpoint, see "Steps redone".',
    unit: 'none',
    limits: NEUTRAL,
    width: 3,
    queries: [query(maxByRun(step), '{{run_id}}')],
  },
  {
    kind: 'stat',
    title: 'Time left',
    shows: 'Seconds to the last planned step, at the present pace.',
    red: 'more than a day. More workers make it shorter as long as "Scaling efficiency" is high.',
    unit: 's',
    limits: redFrom(86_400, 21_600),
    width: 3,
    queries: [query(maxByRun(ofRun(SERVER.eta)), '{{run_id}}')],
  },
  {
    kind: 'stat',
    title: 'Training loss now',
    shows: 'Mean loss over the examples of the last applied step, in nats.',
    red: `${GUESSING_NATS} or more: no better than guessing among ten classes. That is so for the first steps; later the learning rate is too high or the labels do not belong to the images.`,
    unit: 'none',
    limits: redFrom(GUESSING_NATS, 1),
    decimals: 3,
    width: 3,
    queries: [query(maxByRun(ofRun(SERVER.loss)), '{{run_id}}')],
  },
  {
    kind: 'stat',
    title: 'Test accuracy now',
    shows:
      'Share of the whole test set that was classified right at the last evaluation; green from 98.5 %, the goal for the digits.',
    red: 'below 90 % after the first epoch: compare the two lines of "Loss". Both high: train longer or with another learning rate. Only the test loss high: more dropout, or fewer epochs.',
    unit: 'percentunit',
    limits: redBelow(0.9, GOAL),
    decimals: 2,
    width: 3,
    queries: [query(maxByRun(ofRun(SERVER.testAccuracy)), '{{run_id}}')],
  },
  {
    kind: 'stat',
    title: 'Reproducible',
    shows: 'Whether the same settings give the same bits again.',
    red: 'workers with another numerics took part (backend, version of the library, processor). The result is a good one, but not repeatable: "Workers now" in the dashboard Cluster shows who has which.',
    unit: 'none',
    limits: redBelow(1, 1),
    width: 3,
    mappings: named({ 0: ['No', 'red'], 1: ['Bit for bit', 'green'] }),
    queries: [
      query(`min by (run_id) (${ofRun(SERVER.reproducible)})`, '{{run_id}}'),
    ],
  },
];
