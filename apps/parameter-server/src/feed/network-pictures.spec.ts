import type { TestMistake } from '@muster/data';
import type { RunDefinition } from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import { NetworkPictures } from './network-pictures.js';

/** One 2x2 filter over grey pictures, and nothing else. */
const layout = [{ name: 'kernel', shape: [2, 2, 1, 1], offset: 0 }];
const RUN = { model: { layout } } as unknown as RunDefinition;
const MISTAKE: TestMistake = {
  ...{ index: 7, label: 1, answer: 0, probabilities: [0.75, 0.25] },
  image: Uint8Array.of(0, 255),
};

/** Four parameters alike. */
const all = (value: number) => new Float32Array(4).fill(value);

describe('NetworkPictures', () => {
  it('shows filters and mistakes of one version, whatever came since', () => {
    const pictures = new NetworkPictures(RUN);
    const parameters = all(1);
    pictures.epochEnded(10, parameters);
    // the epoch after it may end before it is evaluated
    parameters.fill(2);
    pictures.epochEnded(20, parameters);
    expect(pictures.evaluated(10, [MISTAKE])).toEqual({
      ...{ type: 'pictures', version: 10 },
      filters: { rows: 2, columns: 2, count: 1, values: [1, 1, 1, 1] },
      mistakes: [
        {
          ...{ index: 7, label: 1, answer: 0, probabilities: [0.75, 0.25] },
          // the bytes 0 and 255
          image: 'AP8=',
        },
      ],
    });
    expect(pictures.evaluated(20, [])).toMatchObject({
      ...{ version: 20, filters: { values: [2, 2, 2, 2] }, mistakes: [] },
    });
  });

  it('shows filters alone where training begins, or goes on', () => {
    const pictures = new NetworkPictures(RUN);
    expect(pictures.resumed(0, all(3))).toMatchObject({
      ...{ version: 0, filters: { values: [3, 3, 3, 3] }, mistakes: [] },
    });
    // back to an epoch's end whose evaluation was lost: it is made anew
    pictures.epochEnded(10, all(4));
    pictures.epochEnded(20, all(5));
    pictures.resumed(10, all(6));
    expect(pictures.evaluated(10, [])).toMatchObject({
      filters: { values: [6, 6, 6, 6] },
    });
    // of version 20 nothing is known any more: those that were shown stay
    expect(pictures.evaluated(20, [])).toMatchObject({
      filters: { values: [6, 6, 6, 6] },
    });
  });
});
