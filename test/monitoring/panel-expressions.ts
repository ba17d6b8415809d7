/**
 * What the dashboards ask Prometheus, as Grafana would: each expression out
 * of their JSON, with its variables filled in.
 */
import { readFileSync, readdirSync } from 'node:fs';

const FOLDER = new URL('../../deploy/grafana/dashboards/', import.meta.url);

/** One expression of one dashboard. */
export interface PanelExpression {
  /** The dashboard's uid. */
  readonly dashboard: string;
  /** Title of the panel, or name of the mark. */
  readonly panel: string;
  /** `A` the first. */
  readonly refId: string;
  /** With Grafana's variables. */
  readonly expr: string;
  /** As Prometheus gets it. */
  readonly expression: string;
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

interface Panel {
  readonly title: string;
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
  }[];
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

/** Of all panels, from top to bottom, those in closed rows too. */
export function panelExpressions(chosen: Chosen = {}): PanelExpression[] {
  return dashboards().flatMap(({ uid, panels }) =>
    panels
      .flatMap((panel) => [panel, ...(panel.panels ?? [])])
      .flatMap(({ title, targets = [] }) =>
        targets.map(({ refId, expr }) => ({
          ...{ dashboard: uid, panel: title, refId, expr },
          expression: filledIn(expr, chosen),
        })),
      ),
  );
}

/** Of all marks on the time line: they are empty where nothing happened. */
export function markExpressions(chosen: Chosen = {}): PanelExpression[] {
  return dashboards().flatMap(({ uid, annotations }) =>
    annotations.list.map(({ name, expr }) => ({
      ...{ dashboard: uid, panel: name, refId: 'A', expr },
      expression: filledIn(expr, chosen),
    })),
  );
}

function dashboards(): Dashboard[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  return files
    .sort()
    .map((name) => readFileSync(new URL(name, FOLDER), 'utf8'))
    .map((text) => JSON.parse(text) as Dashboard);
}

function filledIn(expr: string, chosen: Chosen): string {
  const { run = '.*', worker = '.*' } = chosen;
  const { rateInterval = '1m', range = '5m' } = chosen;
  return expr
    .replaceAll('$__rate_interval', rateInterval)
    .replaceAll('$__range', range)
    .replaceAll('$run', run)
    .replaceAll('$worker', worker);
}
