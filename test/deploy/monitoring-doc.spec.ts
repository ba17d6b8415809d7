/**
 * docs/monitoring.md against what there is: a panel, a metric, an alert or a
 * setting that it sends a reader to exists.
 */
import { readFileSync } from 'node:fs';
import {
  PROCESS_METRICS,
  SERVER_METRICS,
  WORKER_METRICS,
} from '@muster/telemetry';
import type { MetricDefinition } from '@muster/telemetry';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const fileAt = (path: string) => new URL(`../../${path}`, import.meta.url);
const textAt = (path: string) => readFileSync(fileAt(path), 'utf8');

const page = textAt('docs/monitoring.md');
/** Without code, in which underscores are no emphasis. */
const prose = page.replaceAll(/```[\s\S]*?```|`[^`]*`/g, '');

/** All that a pattern's first group finds in a text, once each. */
const found = (text: string, pattern: RegExp) => [
  ...new Set([...text.matchAll(pattern)].map(([, name = '']) => name)),
];

/** A panel, or a row with panels in it. */
interface Panel {
  readonly title?: string;
  readonly panels?: readonly Panel[];
}
const titlesOf = ({ title, panels = [] }: Panel): string[] => [
  ...(title === undefined ? [] : [title]),
  ...panels.flatMap(titlesOf),
];

/** Titles of the dashboards, of their panels, and of Grafana's folder. */
function titles(): Set<string> {
  const boards = ['training', 'cluster'].map(
    (name) =>
      JSON.parse(textAt(`deploy/grafana/dashboards/${name}.json`)) as Panel,
  );
  return new Set([
    ...boards.flatMap(titlesOf),
    'Training',
    'Cluster',
    'Muster',
  ]);
}

describe('docs/monitoring.md', () => {
  it('names panels of the dashboards by their titles', () => {
    const known = [...titles(), 'Throughput and phases'];
    const named = found(prose, /_([^_\n]+)_/g);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('names metrics of the catalogue', () => {
    const known = [SERVER_METRICS, WORKER_METRICS, PROCESS_METRICS]
      .flatMap((group) => Object.values<MetricDefinition>(group))
      .flatMap(({ name }) => [name, `${name}_sum`]);
    const named = found(page, /\b(muster_[a-z_]+)/g);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('names alerts of the rules', () => {
    const { groups } = parse(textAt('deploy/prometheus/rules/alerts.yml')) as {
      groups: { rules: { alert: string }[] }[];
    };
    const known = groups.flatMap(({ rules }) => rules.map((r) => r.alert));
    const named = found(page, /`(Muster[A-Za-z]+)`/g);
    expect(named.length).toBeGreaterThan(2);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('tells the reader to turn settings that the README has', () => {
    const known = [
      ...found(textAt('README.md'), /`(--[a-z-]+)/g),
      // of muster logs and muster explore
      ...['--worker', '--level', '--index'],
    ];
    const tables = page.split('\n').filter((line) => line.startsWith('| '));
    const code = tables.join('\n').match(/`[^`\n]+`/g) ?? [];
    const named = found(code.join('\n'), /(--[a-z][a-z-]+)/g);
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('has a row for a dozen causes of slowness, each with a remedy', () => {
    const [, section = ''] = page.split('## Why is my training slow?\n');
    const [table = ''] = section.split('\n## ');
    const rows = table
      .split('\n')
      .filter((line) => /^\| (?!Symptom|-)/.test(line));
    expect(rows.length).toBeGreaterThanOrEqual(12);
    for (const row of rows) {
      const cells = row
        .replaceAll(/`[^`]*`/g, 'code')
        .split('|')
        .slice(1, -1);
      expect(cells, row).toHaveLength(4);
      for (const cell of cells) expect(cell.trim(), row).not.toBe('');
    }
  });
});
