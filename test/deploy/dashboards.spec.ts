/** What Grafana is given: made from `deploy/grafana/src`, and consistent. */
import { readFileSync } from 'node:fs';
import { DASHBOARDS, madeFiles, textOf } from '@muster/grafana';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { typeErrors } from './dashboard-types.js';

interface GridPos {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

interface Step {
  readonly value: number | null;
  readonly color: string;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly gridPos: GridPos;
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly targets: readonly {
    readonly datasource: { readonly uid: string };
    readonly legendFormat: string;
    readonly expr: string;
  }[];
  readonly fieldConfig: {
    readonly defaults: {
      readonly unit?: string;
      readonly thresholds?: { readonly steps: readonly Step[] };
      readonly mappings?: unknown;
    };
    readonly overrides: readonly unknown[];
  };
  readonly panels?: readonly Panel[];
}

interface Dashboard {
  readonly uid: string;
  readonly editable: boolean;
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly { readonly name: string }[];
  };
}

const files = DASHBOARDS.map(({ file }) => `dashboards/${file}`);
const dashboards = files.map((path) => JSON.parse(textOf(path)) as Dashboard);
const everywhere = dashboards.flatMap(({ panels }) =>
  panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]),
);
const figures = everywhere.filter(({ type }) => type !== 'row');

/** By the README's table, and options of `muster logs`. */
const SETTINGS = [
  ...[
    ...readFileSync(
      new URL('../../README.md', import.meta.url),
      'utf8',
    ).matchAll(/^\| `(--[a-z-]+)` /gm),
  ].map(([, flag]) => flag),
  ...['--level', '--worker'],
];

/** Nothing is in `names` twice. */
function expectUnlike(names: readonly (string | number)[]): void {
  expect([...new Set(names)]).toEqual(names);
}

it('is what src/ makes: npm run dashboards', async () => {
  for (const { path, text } of await madeFiles()) {
    expect(textOf(path), `deploy/grafana/${path}`).toBe(text);
  }
});

it('has the types of the schema that Grafana publishes', () => {
  const jsons = files.map((path, i) => [`dashboard-${i}`, textOf(path)]);
  const all = Object.fromEntries(jsons) as Record<string, string>;
  expect(typeErrors(all)).toEqual([]);
});

it('is held against the schema of the Grafana in compose.yaml', () => {
  const at = (path: string) =>
    readFileSync(new URL(path, import.meta.url), 'utf8');
  const { dependencies } = JSON.parse(at('../package.json')) as {
    dependencies: Record<string, string>;
  };
  expect(at('../../deploy/compose.yaml')).toContain(
    `grafana/grafana:${dependencies['@grafana/schema']}`,
  );
});

it('has the uids that links and bookmarks are made of', () => {
  expect(dashboards.map(({ uid }) => uid)).toEqual([
    'muster-training',
    'muster-cluster',
  ]);
  const { datasources } = parse(
    textOf('provisioning/datasources/prometheus.yaml'),
  ) as { datasources: { uid: string; jsonData: { timeInterval: string } }[] };
  expect(datasources.map(({ uid }) => uid)).toEqual(['prometheus']);
  const { providers } = parse(
    textOf('provisioning/dashboards/muster.yaml'),
  ) as { providers: { folder: string; folderUid: string }[] };
  expect(providers).toMatchObject([{ folder: 'Muster', folderUid: 'muster' }]);
  const { global } = parse(textOf('../prometheus/containers.yml')) as {
    global: { scrape_interval: string };
  };
  const [source] = datasources;
  expect(source?.jsonData.timeInterval).toBe(global.scrape_interval);
});

describe.each(dashboards)('$uid', ({ panels, templating, editable }) => {
  const flat = panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);

  it('has no two titles and no two ids that are equal', () => {
    expectUnlike(flat.map(({ title }) => title));
    expectUnlike(flat.map(({ id }) => id));
    expect(flat.length).toBeGreaterThan(20);
  });

  it('asks for the data source, the runs and the workers', () => {
    const names = templating.list.map(({ name }) => name);
    expect(names).toEqual(['datasource', 'run', 'worker']);
    expect(editable).toBe(false);
  });

  it('fills its grid of 24 columns: no overlap, no gap', () => {
    const open = panels.map(({ gridPos }) => gridPos);
    const cells = open.flatMap(cellsOf);
    expect(new Set(cells).size).toBe(cells.length);
    expect(cells.length).toBe(24 * Math.max(...open.map(bottomOf)));
    for (const { panels: closed = [] } of panels) {
      const inner = closed.flatMap(({ gridPos }) => cellsOf(gridPos));
      expect(new Set(inner).size).toBe(inner.length);
    }
  });
});

describe('every panel', () => {
  it('asks the data source of the head, and names what it gets', () => {
    const source = { type: 'prometheus', uid: '${datasource}' };
    for (const { title, datasource, targets } of figures) {
      expect(datasource, title).toEqual(source);
      expect(targets, title).not.toHaveLength(0);
      for (const target of targets) {
        expect(target.datasource, title).toEqual(source);
        expect(target.legendFormat, title).not.toBe('');
      }
    }
  });

  it('has a unit, and limits that rise from the lowest value', () => {
    for (const { title, fieldConfig } of figures) {
      const { unit, thresholds } = fieldConfig.defaults;
      expect(unit, title).toMatch(/^\w+$/);
      const [lowest, ...steps] = thresholds?.steps ?? [];
      expect(lowest?.value, title).toBeNull();
      const values = steps.map(({ value }) => value ?? Number.NaN);
      expect(
        [...values].sort((x, y) => x - y),
        title,
      ).toEqual(values);
      expectUnlike(values);
    }
  });

  it('says what it shows and, when it can be red, what to do', () => {
    for (const { title, description, fieldConfig } of figures) {
      const [shows = '', red = ''] = description.split('\n\n**Red:** ');
      expect(shows, title).toMatch(/^[A-Z"0-9].{15,}\.$/);
      expect(red, title).toMatch(/^.{5,}\.$/);
      const canBeRed = JSON.stringify(fieldConfig).includes('"red"');
      expect(!red.startsWith('never'), title).toBe(canBeRed);
    }
  });

  it('shows a counter by its rise, or says since when it counts', () => {
    for (const { title, description, targets } of figures) {
      const rest = targets
        .map(({ expr }) => expr.replace(/(rate|increase)\([^)]*\)/g, ''))
        .join(' ');
      if (!/_(total|sum|count|bucket)\{/.test(rest)) continue;
      expect(description, title).toMatch(/since (it|the server) began/);
    }
  });

  it('speaks of settings and panels that there are', () => {
    const titles = [...everywhere.map(({ title }) => title), 'Targets'];
    for (const { title, description } of figures) {
      for (const [, flag] of description.matchAll(/`(--[a-z-]+)/g)) {
        expect(SETTINGS, title).toContain(flag);
      }
      for (const [, other] of description.matchAll(/"([A-Z][^"]+)"/g)) {
        expect(titles, title).toContain(other);
      }
    }
  });
});

/** The cells that a panel covers, as text. */
function cellsOf({ x, y, w, h }: GridPos): string[] {
  expect(x + w).toBeLessThanOrEqual(24);
  return Array.from(
    { length: w * h },
    (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`,
  );
}

function bottomOf({ y, h }: GridPos): number {
  return y + h;
}
