/** What is chosen at the head of a dashboard. */
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { ofRun } from './expressions.js';
import { WORKER } from './metric-names.js';
import { DATA_SOURCE } from './panel.js';
import { PROCESS_METRICS } from '@muster/telemetry';

/**
 * "All" is any text, also none: then also series without the label are there,
 * of a Prometheus that was told fixed addresses instead of `/sd`.
 */
const ANY = '.*';

/** Number of the kind of question, in the editor of Grafana's data source. */
const LABEL_VALUES = 1;

/** Data source, runs, workers: later ones ask by what was chosen before. */
export function variables(): Builder<VariableModel>[] {
  return [
    dataSource(),
    labelValues('run', 'Run', PROCESS_METRICS.runInfo.name, 'run_id'),
    labelValues('worker', 'Worker', ofRun(WORKER.connected), 'worker'),
  ];
}

function dataSource(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder('datasource')
    .label('Data source')
    .description('The Prometheus that scrapes the runs.')
    .type('prometheus')
    .current({ selected: true, text: 'Prometheus', value: 'prometheus' });
}

function labelValues(
  name: string,
  label: string,
  series: string,
  of: string,
): QueryVariableBuilder {
  const query = `label_values(${series}, ${of})`;
  return new QueryVariableBuilder(name)
    .label(label)
    .description(`Which ${label.toLowerCase()}s the panels show.`)
    .datasource(DATA_SOURCE)
    .query({ qryType: LABEL_VALUES, query, refId: name })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(ANY)
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}
