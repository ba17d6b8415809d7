/**
 * Curves of efficiency over workers as SVG: panels side by side, in colours
 * that can be read on light and on dark paper.
 */

/** One curve: an efficiency for each number of workers. */
export interface Curve {
  readonly name: string;
  /** Workers, and efficiency from 0 to 1. */
  readonly points: readonly (readonly [workers: number, efficiency: number])[];
}

/** One diagram. All of one drawing have the same names. */
export interface Panel {
  readonly title: string;
  readonly curves: readonly Curve[];
}

const FRAME = { left: 60, right: 400, top: 62, bottom: 302 };
const PANEL_WIDTH = 410;
const NAMES_WIDTH = 110;
const HEIGHT = 350;
/** Where the requirement is. */
const MARK = 0.9;
const MOST_WORKERS = 1024;
const INK = '#808890';
const COLOURS = [
  ...['#d05a4e', '#c98a1b', '#5a9e4b'],
  ...['#2f9c95', '#4f86d9', '#a06bc9'],
];
/** Between two names. */
const LINE = 16;

/** Draws panels, their axes, and the names of the curves at the right. */
export function drawPanels(title: string, panels: readonly Panel[]): string {
  const width = panels.length * PANEL_WIDTH + NAMES_WIDTH;
  const size = `width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}"`;
  const font = 'font-family="sans-serif" font-size="12"';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" ${font} fill="${INK}">`,
    `<title>${title}</title>`,
    text(FRAME.left, 22, title, 'start', 'font-weight="bold" font-size="14"'),
    ...panels.map((panel, i) => drawPanel(panel, i * PANEL_WIDTH)),
    ...names(panels[0]?.curves ?? [], panels.length * PANEL_WIDTH),
    '</svg>',
    '',
  ].join('\n');
}

function drawPanel({ title, curves }: Panel, left: number): string {
  return [
    `<g transform="translate(${left} 0)">`,
    text(FRAME.left, FRAME.top - 14, title, 'start'),
    ...gridX(),
    ...gridY(),
    ...curves.map(({ points }, i) => drawCurve(points, colourOf(i))),
    '</g>',
  ].join('\n');
}

/** At the left edge one worker; each doubling is as wide. */
function xOf(workers: number): number {
  const share = Math.log2(workers) / Math.log2(MOST_WORKERS);
  return FRAME.left + share * (FRAME.right - FRAME.left);
}

function yOf(efficiency: number): number {
  return FRAME.bottom - efficiency * (FRAME.bottom - FRAME.top);
}

function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] ?? INK;
}

function gridX(): string[] {
  const middle = (FRAME.left + FRAME.right) / 2;
  const ticks = [1, 4, 16, 64, 256, 1024].flatMap((workers) => [
    stroke([xOf(workers), FRAME.top], [xOf(workers), FRAME.bottom]),
    text(xOf(workers), FRAME.bottom + 18, workers.toLocaleString('en')),
  ]);
  return [...ticks, text(middle, FRAME.bottom + 38, 'workers')];
}

function gridY(): string[] {
  const middle = (FRAME.top + FRAME.bottom) / 2;
  const turned = `transform="rotate(-90 18 ${middle})"`;
  const across = (share: number, more?: string): string[] => [
    stroke([FRAME.left, yOf(share)], [FRAME.right, yOf(share)], more),
    text(FRAME.left - 8, yOf(share) + 4, String(share * 100), 'end'),
  ];
  return [
    ...[0, 0.25, 0.5, 0.75].flatMap((share) => across(share)),
    ...across(1),
    ...across(MARK, 'stroke-dasharray="4 4"'),
    text(18, middle, 'efficiency, percent', 'middle', turned),
  ];
}

function drawCurve(points: Curve['points'], colour: string): string {
  const places = points.map(
    ([workers, efficiency]) =>
      `${round(xOf(workers))},${round(yOf(efficiency))}`,
  );
  const look = `fill="none" stroke="${colour}" stroke-width="2"`;
  return `<polyline points="${places.join(' ')}" ${look}/>`;
}

function names(curves: readonly Curve[], left: number): string[] {
  return curves.flatMap(({ name }, i) => {
    const y = FRAME.top + 10 + i * LINE;
    const look = `stroke="${colourOf(i)}" stroke-width="3"`;
    return [
      `<line x1="${left + 8}" y1="${y - 4}" x2="${left + 24}" y2="${y - 4}" ${look}/>`,
      text(left + 30, y, name, 'start'),
    ];
  });
}

type Place = readonly [x: number, y: number];

function stroke(from: Place, to: Place, more = 'opacity="0.25"'): string {
  const [x1, y1, x2, y2] = [...from, ...to].map(round);
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${INK}" ${more}/>`;
}

function text(
  x: number,
  y: number,
  said: string,
  anchor = 'middle',
  more = '',
): string {
  const place = `x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"`;
  return `<text ${place} ${more}>${said}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
