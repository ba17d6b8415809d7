import { describe, expect, it } from 'vitest';
import { leafGrid } from './leaf-layout.js';

describe('leafGrid', () => {
  it('has room for every leaf, within the width', () => {
    for (const width of [80, 280, 360]) {
      for (let leaves = 1; leaves <= 300; leaves += 1) {
        const { columns, rows, size } = leafGrid(leaves, width, 200);
        expect(columns * rows).toBeGreaterThanOrEqual(leaves);
        expect(columns * rows - leaves).toBeLessThan(columns);
        expect(columns * size).toBeLessThanOrEqual(width);
        expect(size).toBeGreaterThanOrEqual(14);
      }
    }
  });

  it('takes the largest cells, and of those the longest lines', () => {
    // 8 columns: 400 / 8 = 50, above the largest, 48
    expect(leafGrid(16, 400, 200)).toEqual({ columns: 8, rows: 2, size: 48 });
    // 4 columns: min(280 / 4, 200 / 4, 48) = 48; 8 columns: 280 / 8 = 35
    expect(leafGrid(16, 280, 200)).toEqual({ columns: 4, rows: 4, size: 48 });
  });

  it('is empty without leaves', () => {
    expect(leafGrid(0, 280, 200)).toMatchObject({ columns: 0, rows: 0 });
  });
});
