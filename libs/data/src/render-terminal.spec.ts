import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderTerminal } from './render-terminal.js';

/** Three lines of two pixels: no ink, half, full; an odd number of lines. */
const IMAGE = Uint8Array.from([0, 255, 128, 0, 255, 255]);

describe('renderTerminal', () => {
  it('draws two characters a pixel when plain, without blanks at the end', () => {
    // 128 * 10 / 256 = 5: the sixth shade.
    expect(renderTerminal(IMAGE, 3, 2)).toBe('  @@\n++\n@@@@');
  });

  it('draws two lines of pixels in one of half blocks, ink dark', () => {
    // Column 0: white over 255 - 128 = 127. Column 1: black over white. The
    // last line has no lower half: the terminal's own ground shows.
    expect(renderTerminal(IMAGE, 3, 2, 'truecolor')).toBe(
      '\u001b[38;2;255;255;255;48;2;127;127;127m\u2580' +
        '\u001b[38;2;0;0;0;48;2;255;255;255m\u2580\u001b[0m\n' +
        '\u001b[38;2;0;0;0m\u2580\u2580\u001b[0m',
    );
  });

  it("uses the palette's black, white and nearest grey", () => {
    // Level 127: palette 232 + (127 - 8) / 10 = 243.9, so 244 (level 128).
    expect(renderTerminal(IMAGE, 3, 2, 'ansi256')).toBe(
      '\u001b[38;5;231;48;5;244m\u2580' +
        '\u001b[38;5;16;48;5;231m\u2580\u001b[0m\n' +
        '\u001b[38;5;16m\u2580\u2580\u001b[0m',
    );
  });

  it('chooses of the palette a level at most 5 away, 6 at the ends', () => {
    for (let value = 0; value < 256; value += 1) {
      const text = renderTerminal(Uint8Array.of(value), 1, 1, 'ansi256');
      const index = Number(/38;5;(\d+)m/.exec(text)?.[1]);
      const level =
        index === 16 ? 0 : index === 231 ? 255 : 8 + 10 * (index - 232);
      expect(Math.abs(level - (255 - value))).toBeLessThanOrEqual(
        level >= 238 || level <= 8 ? 8 : 5,
      );
    }
  });

  it('draws as many cells as there are pixels, in every size', () => {
    const side = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(side, side, fc.nat({ max: 255 }), (rows, columns, value) => {
        const image = new Uint8Array(rows * columns).fill(value);
        const lines = renderTerminal(image, rows, columns, 'truecolor').split(
          '\n',
        );
        expect(lines).toHaveLength(Math.ceil(rows / 2));
        for (const line of lines) {
          expect(line.split('\u2580')).toHaveLength(columns + 1);
        }
        expect(renderTerminal(image, rows, columns).split('\n')).toHaveLength(
          rows,
        );
      }),
    );
  });
});
