/**
 * A made-up but plausible run, as the events of a stream: it learns, loses a
 * worker and finds it again, loses a server and finds it again, and ends. The
 * same words for the same seed.
 */
import type {
  EpochFigures,
  FeedMessage,
  Incident,
  IncidentKind,
  StepPoints,
} from '../feed.js';
import { SCRIPTED_FACTS, noise, scriptedTime } from './scripted-facts.js';
import { scriptedPictures } from './scripted-pictures.js';
import { scriptedState } from './scripted-state.js';

/** After which step a server is lost, and to which one it goes back. */
const ROLLBACK = { from: 262, to: 250 };

/** Applied steps from `first` to `last`, both included. */
export function scriptedPoints(first: number, last: number): StepPoints {
  const step = Array.from(
    { length: Math.max(0, last - first + 1) },
    (_, index) => first + index,
  );
  return {
    type: 'points',
    step,
    loss: step.map((s) => 2.2 * Math.exp(-s / 38) + 0.045 + 0.05 * noise(s)),
    accuracy: step.map((s) =>
      Math.min(1, 0.985 - 0.86 * Math.exp(-s / 30) + 0.02 * (noise(s) - 0.5)),
    ),
    imagesPerSecond: step.map((s) => speed(s)),
    learningRate: step.map((s) => 0.004 * Math.min(1, s / 40)),
    gradientNorm: step.map((s) => 1.8 * Math.exp(-s / 90) + 0.2 * noise(s)),
    at: step.map(scriptedTime),
  };
}

/** The evaluation after an epoch, from 1. */
export function scriptedEpoch(epoch: number): EpochFigures {
  return {
    type: 'epoch',
    epoch,
    version: epoch * SCRIPTED_FACTS.stepsPerEpoch,
    trainLoss: 0.32 / epoch ** 1.3,
    trainAccuracy: 1 - 0.085 / epoch ** 1.4,
    testLoss: 0.11 / epoch ** 0.8,
    testAccuracy: 1 - 0.034 / epoch ** 0.75,
  };
}

/**
 * All that happens up to a step, in the order of a stream.
 * @param upTo 0 (nobody there yet) to 400; 400 is the end of the run.
 */
export function scriptedRun(
  upTo: number = SCRIPTED_FACTS.totalSteps,
): readonly FeedMessage[] {
  const messages: FeedMessage[] = [SCRIPTED_FACTS];
  if (upTo === 0) return [...messages, scriptedState(0)];
  messages.push(scriptedPoints(1, Math.min(upTo, ROLLBACK.from)));
  if (upTo > ROLLBACK.from) {
    messages.push(scriptedPoints(ROLLBACK.to + 1, upTo));
  }
  for (let epoch = 1; epoch * 100 <= upTo; epoch += 1) {
    messages.push(scriptedEpoch(epoch));
  }
  messages.push(...scriptedIncidents(upTo));
  if (upTo >= 100) messages.push(scriptedPictures(upTo));
  return [...messages, scriptedState(upTo)];
}

/** What goes wrong up to a step, and what comes of it. */
export function scriptedIncidents(upTo: number): readonly Incident[] {
  const all: Incident[] = [
    ...[0, 1, 2, 3].map((n) =>
      incident(0, 'worker-joined', `worker-${n}`, 'joined with tensorflow'),
    ),
    incident(100, 'checkpoint', 'server-0', 'wrote version 100 (7.3 MB)'),
    incident(142, 'worker-lost', 'worker-2', 'its connection ended; 2 leaves'),
    incident(158, 'worker-back', 'worker-2', 'joined again, life 2', 1.4),
    incident(200, 'checkpoint', 'server-0', 'wrote version 200 (7.3 MB)'),
    incident(250, 'checkpoint', 'server-0', 'wrote version 250 (7.3 MB)'),
    incident(262, 'server-lost', 'server-1', 'its process was killed'),
    incident(263, 'server-back', 'server-1', 'goes on from version 250', 2.8),
    incident(318, 'task-failed', 'worker-3', 'a gradient was not finite'),
    incident(400, 'checkpoint', 'server-0', 'wrote version 400 (7.3 MB)'),
  ];
  return all.filter(({ step }) => step <= upTo);
}

function incident(
  step: number,
  kind: IncidentKind,
  subject: string,
  text: string,
  seconds: number | null = null,
): Incident {
  const at = scriptedTime(step) - (step === 0 ? 3_000 : 0);
  return { type: 'incident', at, step, kind, subject, text, seconds };
}

/** Images a second at a step: fewer while somebody is away. */
function speed(step: number): number {
  const isShort = step > 142 && step < 160;
  const isBack = step > 250 && step < 256;
  const share = isBack ? 0.45 : isShort ? 0.74 : 1;
  return share * (6_600 + 420 * (noise(step + 1_000) - 0.5));
}
