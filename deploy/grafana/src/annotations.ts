/** What is marked on every time line. */
import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import type { AnnotationQuery } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { changes, ofRun, ofServerProcesses, sumByRun } from './expressions.js';
import { NODE, SERVER } from './metric-names.js';
import { DATA_SOURCE } from './panel.js';

/** One kind of mark. */
interface Mark {
  readonly name: string;
  readonly color: string;
  /** Series that have a value where there is a mark. */
  readonly expr: string;
  /** With `{{label}}`s. */
  readonly text: string;
  readonly tags: string;
  /** The value is the time of the mark, in milliseconds since 1970. */
  readonly isTime?: boolean;
}

const MARKS: readonly Mark[] = [
  {
    name: 'Workers lost',
    color: 'red',
    expr: `${sumByRun(changes(ofRun(SERVER.departures, 'reason=~"lost|silent|quarantined"')), 'reason')} > 0`,
    text: 'worker {{reason}}, run {{run_id}}',
    tags: 'reason',
  },
  {
    name: 'Recoveries',
    color: 'green',
    expr: `${sumByRun(changes(ofRun(SERVER.recoveries)), 'kind')} > 0`,
    text: 'went on after the loss of a {{kind}}, run {{run_id}}',
    tags: 'kind',
  },
  {
    name: 'Alerts',
    color: 'yellow',
    expr: `max by (alertname, run_id, severity) (${ofRun({ name: 'ALERTS' }, 'alertstate="firing",alertname=~"Muster.+"')})`,
    text: '{{alertname}} ({{severity}}), run {{run_id}}',
    tags: 'severity',
  },
  {
    name: 'Server starts',
    color: 'orange',
    expr: `${ofServerProcesses(NODE.startTime)} * 1000`,
    text: 'server {{server}} began, run {{run_id}}',
    tags: 'server',
    isTime: true,
  },
  {
    name: 'Checkpoints',
    color: 'blue',
    expr: `${ofRun(SERVER.checkpointTimestamp)} * 1000`,
    text: 'checkpoint of run {{run_id}}',
    tags: 'server',
    isTime: true,
  },
  {
    name: 'Checkpoints failed',
    color: 'purple',
    expr: `${sumByRun(changes(ofRun(SERVER.checkpointFailures)))} > 0`,
    text: 'a checkpoint of run {{run_id}} could not be written',
    tags: 'run_id',
  },
];

/** The marks of both dashboards. */
export function annotations(): Builder<AnnotationQuery>[] {
  return MARKS.map(({ name, color, expr, text, tags, isTime = false }) =>
    new AnnotationQueryBuilder()
      .name(name)
      .datasource(DATA_SOURCE)
      .enable(true)
      .iconColor(color)
      .expr(expr)
      .step('5s')
      .titleFormat(name)
      .textFormat(text)
      .tagKeys(tags)
      .useValueForTime(isTime)
      .target(
        new DataqueryBuilder()
          .refId('A')
          .datasource(DATA_SOURCE)
          .expr(expr)
          .range(),
      ),
  );
}
