import { describe, expect, it } from 'vitest';
import { drawLine, isBlank, sheet } from './ink.js';
import type { Sheet } from './ink.js';
import { centreOfMass, inkBox, normalised } from './normalise.js';

function drawing(...lines: readonly (readonly number[])[]): Sheet {
  const on = sheet(112, 112);
  for (const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] of lines) {
    drawLine(on, { x: x0, y: y0 }, { x: x1, y: y1 }, 4.5);
  }
  return on;
}

const asSheet = (pixels: Uint8Array) => ({ rows: 28, columns: 28, pixels });

describe('drawLine', () => {
  it('inks what is within the radius, and nothing a pixel beyond', () => {
    const on = drawing([20, 20, 60, 20]);
    const at = (x: number, y: number) => on.pixels[y * 112 + x];
    expect([at(40, 20), at(40, 23), at(40, 26)]).toEqual([255, 255, 0]);
    // a round end: (63.5, 23.5) is 4.95 from (60, 20), 255 * (5 - 4.95) = 13
    expect([at(63, 20), at(63, 23)]).toEqual([255, 13]);
  });

  it('never takes ink away', () => {
    const once = drawing([20, 20, 60, 20]);
    const twice = drawing([20, 20, 60, 20], [40, 10, 40, 40]);
    once.pixels.forEach((ink, at) =>
      expect(twice.pixels[at]).toBeGreaterThanOrEqual(ink),
    );
  });
});

describe('centreOfMass', () => {
  it('is the mean place, weighted by ink', () => {
    const on = sheet(4, 4);
    // 100 in the middle of pixel (0, 0), 300 in that of (row 0, column 2)
    on.pixels[0] = 100;
    on.pixels[2] = 200;
    on.pixels[6] = 100;
    // x: (100 * 0.5 + 300 * 2.5) / 400; y: (300 * 0.5 + 100 * 1.5) / 400
    expect(centreOfMass(on)).toEqual({ x: 2, y: 0.75 });
  });
});

describe('normalised', () => {
  it('fits the longer side into 20 of 28 pixels', () => {
    const box = inkBox(asSheet(normalised(drawing([30, 10, 30, 90]), 28, 28)));
    // a stroke of height 80 + 2 * 4.5: a pixel at each rim is grey
    expect((box?.bottom ?? 0) - (box?.top ?? 0)).toBeGreaterThanOrEqual(20);
    expect((box?.bottom ?? 0) - (box?.top ?? 0)).toBeLessThanOrEqual(22);
  });

  it('puts the centre of mass into the middle, wherever it was drawn', () => {
    const right = normalised(
      drawing([60, 60, 100, 60], [100, 60, 90, 100]),
      28,
      28,
    );
    const left = normalised(drawing([10, 8, 50, 8], [50, 8, 40, 48]), 28, 28);
    for (const image of [left, right]) {
      const { x, y } = centreOfMass(asSheet(image));
      expect(x).toBeCloseTo(14, 1);
      expect(y).toBeCloseTo(14, 1);
    }
    // moved by whole pixels of the sheet: the same picture
    expect(left).toEqual(right);
  });

  it('gives the same for a drawing half as large, nearly', () => {
    const large = normalised(drawing([20, 20, 90, 90]), 28, 28);
    const box = inkBox(asSheet(large));
    expect((box?.right ?? 0) - (box?.left ?? 0)).toBeLessThanOrEqual(22);
    expect(Math.max(...large)).toBe(255);
  });

  it('is blank for a blank sheet, of any size that is asked for', () => {
    expect(isBlank(asSheet(normalised(sheet(112, 112), 28, 28)))).toBe(true);
    expect(normalised(drawing([20, 20, 60, 20]), 14, 14)).toHaveLength(196);
  });
});
