/**
 * Every expression that the dashboards ask Prometheus, out of their JSON, and
 * what Grafana puts in the place of its variables before it asks.
 */
import { readFileSync, readdirSync } from 'node:fs';

const FOLDER = new URL('../../deploy/grafana/dashboards/', import.meta.url);

/** One expression of one dashboard. */
export interface PanelExpression {
  /** The dashboard's uid. */
  readonly dashboard: string;
  /** A mark has its value only where something happened. */
  readonly of: 'panel' | 'mark';
  /** Title of the panel, or name of the mark. */
  readonly title: string;
  /** `A` the first. */
  readonly refId: string;
  /** With Grafana's variables. */
  readonly expr: string;
}

/** What stands for Grafana's variables. */
export interface Chosen {
  /** A regular expression of run ids; all by default. */
  readonly run?: string;
  /** A regular expression of worker ids; all by default. */
  readonly worker?: string;
  /** What a rate looks at; Grafana takes four scrapes or more. */
  readonly rateInterval?: string;
  /** What the dashboard shows, up to now. */
  readonly range?: string;
}

interface Target {
  readonly refId: string;
  readonly expr: string;
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly Target[];
  /** Of a row that is closed. */
  readonly panels?: readonly Panel[];
}

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly annotations: {
    readonly list: readonly { readonly name: string; readonly expr: string }[];
  };
}

/** All of them, dashboard by dashboard, from top to bottom. */
export function panelExpressions(): PanelExpression[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => expressionsOf(dashboardAt(name)));
}

/** The expression as Prometheus gets it. */
export function substituted(expr: string, chosen: Chosen = {}): string {
  const { run = '.*', worker = '.*' } = chosen;
  const { rateInterval = '1m', range = '15m' } = chosen;
  return expr
    .replaceAll('$__rate_interval', rateInterval)
    .replaceAll('$__range', range)
    .replaceAll('$run', run)
    .replaceAll('$worker', worker);
}

function dashboardAt(name: string): Dashboard {
  return JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Dashboard;
}

function expressionsOf({
  uid,
  panels,
  annotations,
}: Dashboard): PanelExpression[] {
  const figures = panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
  return [
    ...figures.flatMap(({ title, targets = [] }) =>
      targets.map(({ refId, expr }) => ({
        ...{ dashboard: uid, of: 'panel' as const, title, refId, expr },
      })),
    ),
    ...annotations.list.map(({ name: title, expr }) => ({
      ...{ dashboard: uid, of: 'mark' as const, title, refId: 'A', expr },
    })),
  ];
}
