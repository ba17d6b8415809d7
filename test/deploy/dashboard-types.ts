/**
 * Holds a dashboard against the types that Grafana publishes of its schema
 * (`@grafana/schema`, of the version in `deploy/compose.yaml`): the compiler
 * reads the JSON as a literal of these types, so that a wrong type, a word
 * that is none of an enum's, and a name that Grafana does not know are errors.
 */
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/**
 * `Plain` is what JSON has in the place of an enum. Panels by their kind: the
 * schema itself leaves options and field options open.
 */
const TYPES = `
import type * as Grafana from '@grafana/schema/dist/esm/raw/dashboard/x/dashboard_types.gen.js';
import type { GraphFieldConfig, TableFieldOptions } from '@grafana/schema';
import type { Options as StatOptions } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen.js';
import type { Options as LinesOptions } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen.js';
import type { Options as HeatmapOptions, FieldConfig as HeatmapField } from '@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen.js';
import type { Options as TableOptions } from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen.js';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';

type Plain<T> = 0 extends 1 & T ? T
  : T extends string ? \`\${T}\`
  : T extends number ? (\`\${T}\` extends \`\${infer N extends number}\` ? N : T)
  : T extends readonly (infer U)[] ? Plain<U>[]
  : T extends object ? { [K in keyof T]: Plain<T[K]> }
  : T;
type Target = Omit<Dataquery, '_implementsDataqueryVariant'>;
type Of<Type extends string, Options, Custom> =
  Omit<Grafana.Panel, 'type' | 'options' | 'fieldConfig' | 'targets'> & {
    type: Type;
    targets: Target[];
    options: Partial<Options>;
    fieldConfig: {
      defaults: Omit<Grafana.FieldConfig, 'custom'> & { custom?: Partial<Custom> };
      overrides: Grafana.FieldConfigSource['overrides'];
    };
  };
type Figure =
  | Of<'stat', StatOptions, Record<string, never>>
  | Of<'timeseries', LinesOptions, GraphFieldConfig>
  | Of<'heatmap', HeatmapOptions, HeatmapField>
  | Of<'table', TableOptions, TableFieldOptions>;
type Row = Omit<Grafana.RowPanel, 'panels'> & { panels: Figure[] };
type Mark = Omit<Grafana.AnnotationQuery, 'target'> & {
  target: Target;
  // of the data source Prometheus; the schema has no place for them
  expr: string;
  step: string;
  titleFormat: string;
  textFormat: string;
  tagKeys: string;
  useValueForTime: boolean;
};
type Dashboard = Plain<
  Omit<Grafana.Dashboard, 'panels' | 'annotations'> & {
    panels: (Figure | Row)[];
    annotations: { list: Mark[] };
  }
>;
export const dashboard: Dashboard = `;

/**
 * What the compiler has against dashboards, with the line of their JSON.
 *
 * @param jsons by name.
 */
export function typeErrors(jsons: Readonly<Record<string, string>>): string[] {
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const fromDisk = host.getSourceFile.bind(host);
  const texts = new Map(
    Object.entries(jsons).map(([name, json]) => [
      fileOf(name),
      `${TYPES}${json};`,
    ]),
  );
  host.getSourceFile = (path, ...rest) => {
    const text = texts.get(path);
    return text === undefined
      ? fromDisk(path, ...rest)
      : ts.createSourceFile(path, text, ts.ScriptTarget.ES2022);
  };
  const program = ts.createProgram([...texts.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(textOf);
}

/** Beside this file, so that packages are found as from here. */
function fileOf(name: string): string {
  return fileURLToPath(new URL(`${name}-as-dashboard.ts`, import.meta.url));
}

function textOf({ file, start, messageText }: ts.Diagnostic): string {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n');
  if (file === undefined || start === undefined) return message;
  const { line } = file.getLineAndCharacterOfPosition(start);
  const inJson = line + 2 - TYPES.split('\n').length;
  return `${basename(file.fileName)}, line ${inJson}: ${message}`;
}
