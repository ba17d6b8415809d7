import { runDefinitionSchema } from '@muster/protocol';
import type { RunDefinition } from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../settings/read-settings.js';
import { checkResume } from './check-resume.js';
import { planOf } from './plan-of.js';

function settingsOf(flags: Record<string, string>) {
  const readFile = () => '';
  return readSettings({ command: 'train', flags, env: {}, readFile, cores: 2 });
}

const planFor = (flags: Record<string, string>) => planOf(settingsOf(flags));

const NESTEROV = {
  ...{ consistency: 'local', outerOptimizer: 'nesterov' },
  ...{ outerLearningRate: '0.5', outerMomentum: '0.8' },
};

describe('planOf', () => {
  it.each([
    [{}, { name: 'sync' }],
    [{ staleness: '9', localSteps: '9' }, { name: 'sync' }],
    [
      { consistency: 'bounded', staleness: '2' },
      { name: 'bounded', staleness: 2, scaling: 'none' },
    ],
    [
      { consistency: 'async', stalenessScaling: 'inverse' },
      { name: 'async', maxStaleness: 100, scaling: 'inverse' },
    ],
    [
      { consistency: 'async' },
      { name: 'async', maxStaleness: 100, scaling: 'inverse' },
    ],
    [
      { consistency: 'local', localSteps: '4' },
      {
        name: 'local',
        steps: 4,
        outer: { name: 'nesterov', learningRate: 1, momentum: 0.5 },
      },
    ],
    [
      NESTEROV,
      {
        ...{ name: 'local', steps: 8 },
        outer: { name: 'nesterov', learningRate: 0.5, momentum: 0.8 },
      },
    ],
  ])('makes %j a mode that a run can hold', (flags, consistency) => {
    const plan = planFor(flags);
    expect(plan.consistency).toEqual(consistency);
    const { shape } = runDefinitionSchema;
    expect(shape.consistency.parse(plan.consistency)).toEqual(consistency);
  });

  it('pushes float32 unless told otherwise', () => {
    expect(planFor({}).wire).toBe('float32');
    expect(planFor({ wire: 'bf16' }).wire).toBe('bf16');
  });
});

describe('checkResume', () => {
  /** Resumes a run of these flags with others, all of them given. */
  function resume(run: Record<string, string>, flags: Record<string, string>) {
    const definition = { runId: 'r1', ...planFor(run) } as RunDefinition;
    const settings = settingsOf(flags);
    checkResume(definition, planOf(settings), settings.given);
  }

  it('lets a run go on as it is, on any cluster', () => {
    const cluster = { servers: '3', standby: '1', maxRestarts: '0' };
    expect(() => resume(NESTEROV, { ...NESTEROV, ...cluster })).not.toThrow();
  });

  it.each([
    ['consistency', { consistency: 'async' }, { consistency: 'sync' }],
    ['staleness', { consistency: 'bounded' }, { staleness: '3' }],
    ['maxStaleness', { consistency: 'async' }, { maxStaleness: '3' }],
    [
      'stalenessScaling',
      { consistency: 'async' },
      { stalenessScaling: 'none' },
    ],
    ['localSteps', { consistency: 'local' }, { localSteps: '3' }],
    ['outerOptimizer', NESTEROV, { outerOptimizer: 'average' }],
    ['outerLearningRate', NESTEROV, { outerLearningRate: '0.1' }],
    ['outerMomentum', NESTEROV, { outerMomentum: '0.1' }],
    ['wire', { wire: 'bf16' }, { wire: 'float32' }],
  ])('refuses another --%s', (name, run, other) => {
    const flag = name.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
    expect(() => resume(run, { ...run, ...other })).toThrow(
      new RegExp(`other settings: --${flag} is .+, the run has `),
    );
  });
});
