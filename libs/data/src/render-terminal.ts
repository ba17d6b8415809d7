/**
 * A picture as lines of text, in matplotlib's colour map Greys: 0 is white,
 * 255 is black.
 */

/**
 * What the terminal can show: `plain` characters only, the `ansi256` palette,
 * or `truecolor` (24 bits). The caller knows; the environment is not asked.
 */
export type TerminalColors = 'plain' | 'ansi256' | 'truecolor';

/** Characters from no ink to full ink, ASCII. */
const SHADES = ' .:-=+*#%@';

/** Upper half block: the character is the upper pixel, its ground the lower. */
const HALF_BLOCK = '\u2580';

const RESET = '\u001b[0m';

/** A line of the plain picture; a character is twice as high as it is wide. */
function plainLine(pixels: Uint8Array): string {
  const shadeOf = (value: number): string =>
    SHADES.charAt(Math.floor((value * SHADES.length) / 256)).repeat(2);
  return Array.from(pixels, shadeOf).join('').trimEnd();
}

/** The palette's grey nearest to a level: 24 steps, and its black and white. */
function paletteIndex(grey: number): number {
  if (grey < 4) return 16;
  if (grey > 246) return 231;
  return 232 + Math.min(23, Math.max(0, Math.round((grey - 8) / 10)));
}

/** Parameters of the escape sequence that sets one colour. */
function colorCode(
  plane: 38 | 48,
  value: number,
  colors: 'ansi256' | 'truecolor',
): string {
  const grey = 255 - value;
  return colors === 'ansi256'
    ? `${plane};5;${paletteIndex(grey)}`
    : `${plane};2;${grey};${grey};${grey}`;
}

/** Two lines of pixels as one line of characters. */
function blockLine(
  upper: Uint8Array,
  lower: Uint8Array | undefined,
  colors: 'ansi256' | 'truecolor',
): string {
  let before = '';
  const cells = Array.from(upper, (value, column) => {
    const below = lower?.[column];
    const codes = [
      colorCode(38, value, colors),
      ...(below === undefined ? [] : [colorCode(48, below, colors)]),
    ].join(';');
    const cell =
      codes === before ? HALF_BLOCK : `\u001b[${codes}m${HALF_BLOCK}`;
    before = codes;
    return cell;
  });
  return cells.join('') + RESET;
}

/**
 * Draws a picture as text: two characters a pixel when plain, else half blocks
 * that show two pixels each. Lines are joined by line feeds, with none at the
 * end.
 *
 * @param image - grey levels, uint8 `[rows, columns]`, 0 white to 255 black.
 * @param colors - what the terminal can show; `plain` by default.
 */
export function renderTerminal(
  image: Uint8Array,
  rows: number,
  columns: number,
  colors: TerminalColors = 'plain',
): string {
  const line = (row: number): Uint8Array =>
    image.subarray(row * columns, (row + 1) * columns);
  const lines: string[] = [];
  for (let row = 0; row < rows; row += colors === 'plain' ? 1 : 2) {
    const lower = row + 1 < rows ? line(row + 1) : undefined;
    lines.push(
      colors === 'plain'
        ? plainLine(line(row))
        : blockLine(line(row), lower, colors),
    );
  }
  return lines.join('\n');
}
