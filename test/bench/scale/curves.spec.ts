import { describe, expect, it } from 'vitest';
import { drawPanels } from './curves.js';

const CURVES = [
  {
    name: '1 server',
    points: [
      [1, 1],
      [32, 0.5],
      [1024, 0],
    ] as const,
  },
  { name: '2 servers', points: [[1, 0.9]] as const },
];
const PANELS = [
  { title: 'few images', curves: CURVES },
  { title: 'many images', curves: CURVES.slice(0, 1) },
];
const SVG = drawPanels('Efficiency', PANELS);

/** Points of each curve. */
function pointsOf(svg: string): number[][][] {
  return [...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, points]) =>
    (points ?? '').split(' ').map((point) => point.split(',').map(Number)),
  );
}

describe('drawPanels', () => {
  it('draws each point of each curve of each panel', () => {
    expect(pointsOf(SVG).map(({ length }) => length)).toEqual([3, 1, 3]);
  });

  it('goes from the lower left to the upper right of its frame', () => {
    const [[first, middle, last] = []] = pointsOf(SVG);
    // 32 is five of the ten doublings up to 1,024
    expect(middle?.[0]).toBe(((first?.[0] ?? 0) + (last?.[0] ?? 0)) / 2);
    expect(middle?.[1]).toBe(((first?.[1] ?? 0) + (last?.[1] ?? 0)) / 2);
    expect(first?.[1]).toBeLessThan(last?.[1] ?? 0);
  });

  it('names axes, units and curves', () => {
    for (const said of [
      '>few images<',
      '>many images<',
      '>workers<',
      '>efficiency, percent<',
      '>1,024<',
    ]) {
      expect(SVG).toContain(said);
    }
    for (const { name } of CURVES) expect(SVG).toContain(`>${name}<`);
  });

  it('closes each element that it opens', () => {
    const opened = [...SVG.matchAll(/<([a-z]+)(?=[\s>])/g)].map(
      ([, name]) => name,
    );
    const closed = [...SVG.matchAll(/<\/([a-z]+)>|<([a-z]+)[^<]*\/>/g)].map(
      ([, end, alone]) => end ?? alone,
    );
    expect(closed.sort()).toEqual(opened.sort());
  });

  it('is the same for the same curves', () => {
    expect(drawPanels('Efficiency', PANELS)).toBe(SVG);
  });
});
