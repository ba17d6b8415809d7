import { describe, expect, it } from 'vitest';
import { scriptedRun } from '../testing.js';
import { holdUp, learning, losses, pace } from './answers.js';
import { applyMessage, emptyModel } from './run-model.js';

/** The script's run after a step. */
function after(step: number) {
  const model = emptyModel();
  for (const message of scriptedRun(step)) applyMessage(model, message);
  return model;
}

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('learning', () => {
  it('says so while the loss falls, and by how much it was tested', () => {
    // the script's test accuracy after epoch 1: 1 - 0.034
    expect(plain(learning(after(120)).value)).toBe('96.60 %');
    expect(learning(after(120)).text).toMatch(/, falling$/);
    expect(learning(after(120)).tone).toBe('good');
  });

  it('knows nothing before the first step', () => {
    expect(learning(after(0)).tone).toBe('none');
  });

  it('raises the alarm where the loss rises or is no number', () => {
    const model = after(90);
    const { loss } = model.points;
    for (let at = 50; at < 90; at += 1) loss[at] = 0.4 + 0.05 * (at - 50);
    expect(learning(model)).toMatchObject({ tone: 'watch' });
    expect(learning(model).text).toMatch(/, rising$/);
    loss[89] = null;
    expect(learning(model)).toMatchObject({ tone: 'bad' });
  });
});

describe('pace', () => {
  it('is the images a second and what is left', () => {
    const { value, text } = pace(after(230));
    // 170 steps of 90 ms
    expect(plain(`${value}; ${text}`)).toBe('6 512 images/s; 15 s to go');
  });

  it('is the mean at the end', () => {
    expect(pace(after(400)).text).toBe('on average, over the run');
  });
});

describe('holdUp', () => {
  it('names the straggler and what it does', () => {
    expect(holdUp(after(230))).toEqual({
      value: 'worker-3',
      text: '2.1 times as slow as the median, most of it computing',
      tone: 'watch',
    });
  });

  it('names nobody where all have one pace', () => {
    const model = after(230);
    if (!model.state) throw new Error('no state');
    const workers = model.state.workers.slice(0, 3);
    model.state = { ...model.state, workers };
    expect(holdUp(model)).toMatchObject({ value: 'nobody', tone: 'good' });
  });
});

describe('losses', () => {
  it('is nothing before a fault', () => {
    expect(losses(after(100))).toMatchObject({
      value: 'nothing',
      tone: 'good',
    });
  });

  it('is grave while somebody is away', () => {
    expect(losses(after(150))).toMatchObject({ value: '1 fault', tone: 'bad' });
  });

  it('counts faults, seconds and steps', () => {
    // 1.4 s and 2.8 s; steps 251 to 262
    expect(plain(losses(after(400)).text)).toBe(
      '4.2 s of recovery, 12 steps done again; 91.3 % of the time was of use',
    );
  });
});
