/**
 * Where the script's run stands at a step.
 */
import type { LeafState, RunState, WorkerRow } from '../feed.js';
import {
  SCRIPTED_FACTS,
  SCRIPTED_SHA256,
  scriptedTime,
} from './scripted-facts.js';

const { totalSteps, stepsPerEpoch, microBatches } = SCRIPTED_FACTS;

/** The state after a step: 0 is before the first one, 400 the end. */
export function scriptedState(step: number): RunState {
  const isOver = step >= totalSteps;
  return {
    type: 'state',
    at: scriptedTime(step),
    phase: step === 0 ? 'gathering' : isOver ? 'ended' : 'running',
    outcome: isOver ? 'finished' : null,
    step,
    epoch: Math.min(4, Math.floor(step / stepsPerEpoch) + 1),
    imagesPerSecond: step === 0 || isOver ? 0 : 6_512.4,
    etaSeconds: step === 0 || isOver ? null : (totalSteps - step) * 0.09,
    goodput: step === 0 ? null : step > 262 ? 0.913 : 0.984,
    reproducible: true,
    workers: step === 0 ? [worker(0, step)] : workers(step),
    leaves: isOver ? [] : leaves(step),
    parametersSha256: isOver ? SCRIPTED_SHA256 : null,
  };
}

function workers(step: number): WorkerRow[] {
  return [0, 1, 2, 3].map((index) => worker(index, step));
}

function worker(index: number, step: number): WorkerRow {
  const isLost = index === 2 && step >= 142 && step < 158;
  const isSlow = index === 3;
  return {
    workerId: `worker-${index}`,
    incarnation: index === 2 && step >= 158 ? 9_001 : 7_001 + index,
    state: isLost ? 'lost' : step >= totalSteps ? 'gone' : 'active',
    backend: index === 1 ? 'wasm' : 'tensorflow',
    imagesPerSecond: isLost || step === 0 ? 0 : isSlow ? 980 : 1_840 + index,
    contributions: Math.floor((step * (isSlow ? 2 : 4)) / 1.1),
    phasesMs: {
      wait: isSlow ? 0.8 : 9.5,
      data: 2.1,
      compute: isSlow ? 71.2 : 31.4,
      encode: 0.9,
      push: 4.2,
      pull: 3.3,
    },
    straggling: isSlow ? 2.1 : 1 + index * 0.02,
  };
}

/** Some are in, some are out, some are nobody's. */
function leaves(step: number): LeafState[] {
  return Array.from({ length: microBatches }, (_, index) => {
    if (step === 0) return { state: 'open', workerId: null, hasBackup: false };
    const holder = Math.floor(index / 4);
    const isOut = holder === 2 && step >= 142 && step < 158;
    const state = isOut ? 'open' : index % 4 < 2 ? 'summed' : 'leased';
    return {
      state,
      workerId: isOut ? null : `worker-${holder}`,
      hasBackup: holder === 3 && index % 4 === 3,
    };
  });
}
