/** The dashboard asks for metrics that there are. */
import { readFileSync } from 'node:fs';
import {
  PROCESS_METRICS,
  SERVER_METRICS,
  WORKER_METRICS,
} from '@muster/telemetry';
import type { MetricDefinition } from '@muster/telemetry';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly {
    readonly title: string;
    readonly datasource: { readonly uid: string };
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

const DEPLOY = new URL('../../deploy/', import.meta.url);
const textOf = (path: string) => readFileSync(new URL(path, DEPLOY), 'utf8');
const dashboard = JSON.parse(
  textOf('grafana/dashboards/training.json'),
) as Dashboard;
const { datasources } = parse(
  textOf('grafana/provisioning/datasources/prometheus.yaml'),
) as { datasources: { uid: string }[] };

/** Names as `/metrics` has them: a histogram's three. */
const NAMES = new Set(
  [SERVER_METRICS, WORKER_METRICS, PROCESS_METRICS]
    .flatMap((group) => Object.values<MetricDefinition>(group))
    .flatMap(({ name, type }) =>
      type === 'histogram'
        ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`)
        : [name],
    ),
);

describe('deploy/grafana/dashboards/training.json', () => {
  it.each(dashboard.panels)('asks for what there is: $title', (panel) => {
    expect(datasources.map(({ uid }) => uid)).toContain(panel.datasource.uid);
    const asked = panel.targets.flatMap(
      ({ expr }) => expr.match(/\bmuster_\w+/g) ?? [],
    );
    expect(asked).not.toHaveLength(0);
    for (const name of asked) expect(NAMES).toContain(name);
  });

  it('has no two panels of one title', () => {
    const titles = dashboard.panels.map(({ title }) => title);
    expect(titles.length).toBeGreaterThan(10);
    expect(new Set(titles).size).toBe(titles.length);
  });
});
