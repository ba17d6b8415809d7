/**
 * What Grafana refuses when it loads a dashboard, or takes and shows wrong
 * without a word: names that lead nowhere.
 */
import { readFileSync } from 'node:fs';
import { DASHBOARDS, textOf } from '@muster/grafana';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Step {
  readonly value: number | null;
}

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly repeat?: string;
  readonly targets?: readonly {
    readonly refId: string;
    readonly legendFormat: string;
  }[];
  readonly fieldConfig?: {
    readonly overrides: readonly {
      readonly matcher: { readonly id: string; readonly options: string };
      readonly properties: readonly {
        readonly id: string;
        readonly value: unknown;
      }[];
    }[];
  };
  readonly panels?: readonly Panel[];
}

interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly links: readonly { readonly tags: readonly string[] }[];
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly current: { readonly value: unknown };
    }[];
  };
}

interface Compose {
  readonly services: Readonly<
    Record<string, { readonly volumes: string[]; readonly networks: string[] }>
  >;
}

/** What Grafana itself puts in the place of a name. */
const BUILT_IN = ['__rate_interval', '__range', '__all'];
/** The most characters of a uid. */
const MAX_UID = 40;

const texts = DASHBOARDS.map(({ file }) => textOf(`dashboards/${file}`));
const dashboards = texts.map((text) => JSON.parse(text) as Dashboard);
const { services } = parse(
  readFileSync(new URL('../../deploy/compose.yaml', import.meta.url), 'utf8'),
  { merge: true },
) as Compose;
const { datasources } = parse(
  textOf('provisioning/datasources/prometheus.yaml'),
) as { datasources: { uid: string; url: string }[] };
const { providers } = parse(textOf('provisioning/dashboards/muster.yaml')) as {
  providers: { options: { path: string } }[];
};

const flat = (panels: readonly Panel[]): Panel[] =>
  panels.flatMap((panel) => [panel, ...flat(panel.panels ?? [])]);
const mountOf = (target: string) =>
  services['grafana']?.volumes.find((one) => one.split(':')[1] === target);

describe('provisioning', () => {
  it('is where Grafana looks in its container', () => {
    expect(mountOf('/etc/grafana/provisioning')).toMatch(
      /^\.\/grafana\/provisioning:/,
    );
    expect(providers).toHaveLength(1);
    for (const { options } of providers) {
      expect(mountOf(options.path)).toMatch(/^\.\/grafana\/dashboards:/);
    }
  });

  it('asks the Prometheus of compose.yaml, by a network of both', () => {
    const hosts = datasources.map(({ url }) => new URL(url));
    expect(hosts.map(({ hostname }) => hostname)).toEqual(['prometheus']);
    expect(hosts.map(({ port }) => port)).toEqual(['9090']);
    const [ours, theirs] = ['grafana', 'prometheus'].map(
      (name) => services[name]?.networks ?? [],
    );
    expect(theirs).toEqual(expect.arrayContaining([...(ours ?? [])]));
  });

  it('has dashboards that differ in uid and title, as one folder wants', () => {
    for (const { uid } of dashboards) {
      expect(uid).toMatch(new RegExp(`^[\\w-]{1,${MAX_UID}}$`));
    }
    for (const of of ['uid', 'title'] as const) {
      const names = dashboards.map((one) => one[of]);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});

describe.each(dashboards)('$uid', (dashboard) => {
  const text = texts[dashboards.indexOf(dashboard)] ?? '';
  const variables = dashboard.templating.list.map(({ name }) => name);
  const panels = flat(dashboard.panels);

  it('uses variables that there are, and each that there is', () => {
    const used = [...text.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name);
    const named = [...new Set(used)].filter((n) => !BUILT_IN.includes(n ?? ''));
    expect(named.sort()).toEqual([...variables].sort());
    for (const { repeat } of panels) {
      if (repeat !== undefined) expect(variables).toContain(repeat);
    }
  });

  it('begins with the data source that is provisioned', () => {
    const [source] = dashboard.templating.list;
    expect(source?.name).toBe('datasource');
    expect(datasources.map(({ uid }) => uid)).toEqual([source?.current.value]);
  });

  it('links to dashboards by a tag that they have', () => {
    for (const { tags } of dashboard.links) {
      for (const one of dashboards) expect(one.tags).toEqual(tags);
    }
    expect(dashboard.links).not.toHaveLength(0);
  });

  it('tells the questions of a panel apart', () => {
    for (const { title, targets = [] } of panels) {
      const ids = targets.map(({ refId }) => refId);
      expect(new Set(ids).size, title).toBe(ids.length);
    }
  });

  it('colours columns of tables that there are, by limits that rise', () => {
    for (const { type, title, targets = [], fieldConfig } of panels) {
      if (type !== 'table') continue;
      const columns = targets.map(({ legendFormat }) => legendFormat);
      for (const { matcher, properties } of fieldConfig?.overrides ?? []) {
        expect(matcher.id, title).toBe('byName');
        expect(columns, title).toContain(matcher.options);
        const limits = properties.find(({ id }) => id === 'thresholds');
        const { steps = [] } = (limits?.value ?? {}) as { steps?: Step[] };
        const [lowest, ...values] = steps.map(({ value }) => value);
        expect(lowest ?? null, title).toBeNull();
        const sorted = [...values].sort((x, y) => Number(x) - Number(y));
        expect(values, title).toEqual(sorted);
      }
    }
  });
});
