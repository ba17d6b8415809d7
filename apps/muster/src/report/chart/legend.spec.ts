import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOutLegend } from './legend.js';

describe('layOutLegend', () => {
  it('takes one line where there is room', () => {
    expect(layOutLegend([40, 60], [10, 110])).toEqual({
      places: [
        { x: 10, y: 0 },
        { x: 50, y: 0 },
      ],
      above: 0,
    });
  });

  it('goes on in another line, the last at the head of the diagram', () => {
    // 50 + 61 = 111 is beyond 110
    expect(layOutLegend([40, 61, 10], [10, 110])).toEqual({
      places: [
        { x: 10, y: -20 },
        { x: 10, y: 0 },
        { x: 71, y: 0 },
      ],
      above: 20,
    });
  });

  it('has nothing beyond the right but what is too wide by itself', () => {
    const widths = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 9 });
    fc.assert(
      fc.property(widths, (all) => {
        const { places, above } = layOutLegend(all, [64, 728]);
        places.forEach(({ x, y }, i) => {
          const width = all[i] ?? 0;
          expect(x === 64 || x + width <= 728).toBe(true);
          expect(y >= -above && y <= 0).toBe(true);
        });
      }),
    );
  });
});
