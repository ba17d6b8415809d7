/** Is it learning? Loss, accuracy, and what the optimizer does. */
import { maxByRun, ofRun, sumByRun } from '../expressions.js';
import { redBelow, redFrom } from '../limits.js';
import { SERVER } from '../metric-names.js';
import { query } from '../panel.js';
import { GOAL, GUESSING_NATS } from './goals.js';
import type { Figure } from '../figure.js';

/** In their order. */
export const LEARNING: readonly Figure[] = [
  {
    kind: 'lines',
    title: 'Loss',
    shows:
      'Mean loss of each applied step and over the whole test set after each epoch, in nats. Both must fall; a gap that grows is overfitting.',
    red: `above the broken line (${GUESSING_NATS} nats) it guesses. If it jumps there in the middle of a run, it has diverged: begin a new one with a lower \`--learning-rate\` or a longer \`--warmup\`.`,
    unit: 'none',
    limits: redFrom(GUESSING_NATS),
    min: 0,
    width: 12,
    queries: [
      query(maxByRun(ofRun(SERVER.loss)), 'training {{run_id}}'),
      query(maxByRun(ofRun(SERVER.testLoss)), 'test {{run_id}}'),
    ],
  },
  {
    kind: 'lines',
    title: 'Accuracy',
    shows:
      'Share that was classified right: of each applied step, and of the whole test set after each epoch.',
    red: 'below 90 %, as every run begins. If it stays there for an epoch, see "Test accuracy now".',
    unit: 'percentunit',
    limits: redBelow(0.9, GOAL),
    max: 1,
    width: 12,
    queries: [
      query(maxByRun(ofRun(SERVER.accuracy)), 'training {{run_id}}'),
      query(maxByRun(ofRun(SERVER.testAccuracy)), 'test {{run_id}}'),
    ],
  },
  {
    kind: 'lines',
    title: 'Learning rate',
    shows: 'Learning rate of the last applied step, by the schedule.',
    red: '1 or more: too high for any optimizer here. Look for a zero too few in `--learning-rate`.',
    unit: 'none',
    limits: redFrom(1),
    min: 0,
    width: 8,
    queries: [query(maxByRun(ofRun(SERVER.learningRate)), '{{run_id}}')],
  },
  {
    kind: 'lines',
    title: 'Gradient norm',
    shows:
      'Euclidean norm of the mean gradient of the last applied step, over all servers.',
    red: '100 or more: gradients explode. Begin a new run with a lower `--learning-rate` or a longer `--warmup`.',
    unit: 'none',
    limits: redFrom(100, 10),
    min: 0,
    width: 8,
    queries: [query(maxByRun(ofRun(SERVER.gradientNorm)), '{{run_id}}')],
  },
  {
    kind: 'lines',
    title: 'Parameter norm',
    shows:
      'Euclidean norm of all parameters at the last checkpoint. It grows slowly; a jump means that one step was far too long.',
    red: '1,000 or more, for the network of the notebook, which begins near 16: it diverges. Begin a new run with a lower `--learning-rate` or a longer `--warmup`.',
    unit: 'none',
    limits: redFrom(1_000, 300),
    min: 0,
    width: 8,
    // each server has a part of them
    queries: [
      query(
        `sqrt(${sumByRun(`${ofRun(SERVER.parameterNorm)} ^ 2`)})`,
        '{{run_id}}',
      ),
    ],
  },
];
