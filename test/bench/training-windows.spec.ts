import { describe, expect, it } from 'vitest';
import { appliedImages, compareWindows } from './training-windows.js';

describe('compareWindows', () => {
  it('compares with the mean of the windows around', () => {
    const before = { imagesPerSecond: 900, server: 0.2, beside: 0 };
    const after = { imagesPerSecond: 1100, server: 0.3, beside: 0 };
    const during = { imagesPerSecond: 800, server: 0.24, beside: 0.1 };
    const { imagesPerSecond, ratio, extra, perImage } = compareWindows(
      before,
      during,
      after,
    );
    expect(imagesPerSecond).toBe(1000);
    expect(ratio).toBeCloseTo(0.8, 12);
    // 0.24 less (0.2 + 0.3) / 2
    expect(extra).toBeCloseTo(-0.01, 12);
    // 0.24 / 800 = 0.3 ms an image against 0.25 / 1000 = 0.25 ms
    expect(perImage).toBeCloseTo(1.2, 12);
  });

  it('finds nothing where nothing changes', () => {
    const same = { imagesPerSecond: 500, server: 0.5, beside: 0 };
    const compared = compareWindows(same, same, same);
    expect(compared).toMatchObject({ ratio: 1, extra: 0, perImage: 1 });
  });
});

describe('appliedImages', () => {
  it('reads those that were applied alone', () => {
    const page = [
      'muster_examples_total{outcome="duplicate"} 7',
      'muster_examples_total{outcome="applied"} 256',
    ];
    expect(appliedImages(`${page.join('\n')}\n`)).toBe(256);
  });

  it('is not a number where the page does not say', () => {
    expect(appliedImages('')).toBeNaN();
  });
});
