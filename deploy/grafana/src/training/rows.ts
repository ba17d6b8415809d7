/** The dashboard "Training", from top to bottom. */
import type { Row } from '../row.js';
import { CHECKPOINTS } from './checkpoints.js';
import { LEARNING } from './learning.js';
import { LOST_NOW } from './losses-now.js';
import { LOST } from './losses.js';
import { PROGRESS } from './progress.js';
import { SPEED_NOW } from './speed-now.js';
import { SPEED } from './speed.js';
import { HOLDING_UP_NOW } from './stragglers-now.js';
import { HOLDING_UP } from './stragglers.js';

/** See the head of this file. */
export const TRAINING_ROWS: readonly Row[] = [
  { title: 'Is it learning?', figures: [...PROGRESS, ...LEARNING] },
  { title: 'How fast?', figures: [...SPEED_NOW, ...SPEED] },
  { title: 'Who holds it up?', figures: [...HOLDING_UP_NOW, ...HOLDING_UP] },
  { title: 'What was lost?', figures: [...LOST_NOW, ...LOST] },
  { title: 'What is kept?', figures: CHECKPOINTS },
];
