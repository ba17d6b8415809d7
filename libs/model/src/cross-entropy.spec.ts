import { describe, expect, it } from 'vitest';
import { crossEntropy, softmax } from './cross-entropy.js';

describe('crossEntropy', () => {
  it('is log(sum(exp)) minus the label, with gradient softmax minus one-hot', () => {
    // exp: 1, 2, 1 of sum 4; and 3, 1, 1 of sum 5
    const logits = Float32Array.of(0, Math.LN2, 0, Math.log(3), 0, 0);
    const gradient = new Float32Array(6);
    const labels = Uint8Array.of(1, 2);
    const loss = crossEntropy(logits, labels, 3, gradient);
    // -log(2/4) - log(1/5) = log 2 + log 5
    expect(loss.lossSum).toBeCloseTo(Math.log(10), 6);
    expect(loss).toMatchObject({ count: 2, correct: 1 });
    const expected = [0.25, 0.5 - 1, 0.25, 0.6, 0.2, 0.2 - 1];
    expected.forEach((value, i) => expect(gradient[i]).toBeCloseTo(value, 6));
  });

  it('takes the first of equal logits', () => {
    const logits = new Float32Array(6);
    const score = (labels: number[]) =>
      crossEntropy(logits, Uint8Array.from(labels), 3).correct;
    expect([score([0, 0]), score([0, 1]), score([2, 1])]).toEqual([2, 1, 0]);
  });

  it('is finite where exp overflows, and exact where log(softmax) is not', () => {
    const logits = Float32Array.of(1000, 0, -1000);
    const { lossSum } = crossEntropy(logits, Uint8Array.of(2), 3);
    expect(lossSum).toBe(2000);
    expect(Array.from(softmax(logits, 3))).toEqual([1, 0, 0]);
  });

  it('passes a diverged network on as not finite', () => {
    const logits = Float32Array.of(Number.NaN, 0);
    const gradient = new Float32Array(2);
    const { lossSum } = crossEntropy(logits, Uint8Array.of(1), 2, gradient);
    expect(lossSum).toBeNaN();
    expect(gradient.some(Number.isNaN)).toBe(true);
  });
});
