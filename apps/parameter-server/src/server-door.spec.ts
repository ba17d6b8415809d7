import { describe, expect, it } from 'vitest';
import { maxWorkerBytes } from './server-door.js';

describe('maxWorkerBytes', () => {
  const dataset = {
    ...{ name: 'mnist', fingerprint: 'd'.repeat(64) },
    ...{ numTrain: 60_000, numTest: 10_000 },
    ...{ rows: 28, columns: 28, channels: 1, numClasses: 10 },
  };

  it('lets a slice through, and the mistakes of a network smaller than they', () => {
    // the notebook's 607,394 parameters, of 4 bytes each
    expect(maxWorkerBytes(607_394, { dataset })).toBe(2_429_576);
    // ten parameters; 12 mistakes of 10 probabilities and 784 pixels each
    expect(maxWorkerBytes(10, { dataset })).toBe(12 * (40 + 784));
  });
});
