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
  /** Labels by which its series are called; an answer has to have them. */
  readonly labels: readonly string[];
}

/** A panel of present values, a row a combination of labels. */
export interface Table {
  readonly panel: string;
  readonly expressions: readonly string[];
  readonly labels: readonly string[];
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
    readonly legendFormat: string;
  }[];
  readonly transformations?: readonly Transformation[];
  /** Of a row that is closed. */
  readonly panels?: readonly Panel[];
}

/** Of a table, which has labels as columns. */
interface Transformation {
  readonly options: {
    readonly renameByName?: Readonly<Record<string, string>>;
  };
}

interface Mark {
  readonly name: string;
  readonly expr: string;
  readonly textFormat: string;
  readonly tagKeys: string;
}

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly annotations: {
    readonly list: readonly Mark[];
  };
}

/** Of all panels, from top to bottom, those in closed rows too. */
export function panelExpressions(chosen: Chosen = {}): PanelExpression[] {
  return dashboards().flatMap(({ uid, panels }) =>
    panels
      .flatMap((panel) => [panel, ...(panel.panels ?? [])])
      .flatMap(({ title, targets = [] }) =>
        targets.map(({ refId, expr, legendFormat }) => ({
          ...{ dashboard: uid, panel: title, refId, expr },
          expression: filledIn(expr, chosen),
          labels: labelsIn(legendFormat),
        })),
      ),
  );
}

/** Of all marks on the time line: they are empty where nothing happened. */
export function markExpressions(chosen: Chosen = {}): PanelExpression[] {
  return dashboards().flatMap(({ uid, annotations }) =>
    annotations.list.map(({ name, expr, textFormat, tagKeys }) => ({
      ...{ dashboard: uid, panel: name, refId: 'A', expr },
      expression: filledIn(expr, chosen),
      labels: [...labelsIn(textFormat), ...tagKeys.split(',')],
    })),
  );
}

/** The tables: what they ask, and the labels that are columns of them. */
export function tables(chosen: Chosen = {}): Table[] {
  return dashboards().flatMap(({ panels }) =>
    panels.flatMap(({ title, targets = [], transformations = [] }) => {
      const names = transformations.flatMap(({ options }) =>
        Object.keys(options.renameByName ?? {}),
      );
      const labels = names.filter((name) => !name.startsWith('Value'));
      const expressions = targets.map(({ expr }) => filledIn(expr, chosen));
      return labels.length > 0 ? [{ panel: title, expressions, labels }] : [];
    }),
  );
}

/** `{{worker}} {{run_id}}` */
function labelsIn(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name);
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
