/** The dashboards as Grafana's JSON. */
/* eslint-disable @typescript-eslint/no-deprecated -- what follows it, schema v2, is for Grafana 12 and later alone */
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { annotations } from './annotations.js';
import { CLUSTER_ROWS } from './cluster/rows.js';
import { drawn } from './figure.js';
import { forOlderToo } from './older.js';
import type { Row } from './row.js';
import { TRAINING_ROWS } from './training/rows.js';
import { variables } from './variables.js';

/** What a dashboard is made of. */
export interface DashboardPlan {
  /** Never changes: links and bookmarks are made of it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Below `deploy/grafana/dashboards`. */
  readonly file: string;
  readonly rows: readonly Row[];
}

/** All dashboards. */
export const DASHBOARDS: readonly DashboardPlan[] = [
  {
    uid: 'muster-training',
    title: 'Training',
    description:
      'Is it learning, how fast, who holds it up, what was lost, what is kept.',
    file: 'training.json',
    rows: TRAINING_ROWS,
  },
  {
    uid: 'muster-cluster',
    title: 'Cluster',
    description: 'Every worker and every server of a training.',
    file: 'cluster.json',
    rows: CLUSTER_ROWS,
  },
];

/** Tag of both dashboards, by which they link to each other. */
const TAG = 'muster';

/** Builds the dashboard; panels are numbered from 1 in their order. */
export function dashboardOf(plan: DashboardPlan): Dashboard {
  const builder = new DashboardBuilder(plan.title)
    .uid(plan.uid)
    .description(plan.description)
    .tags([TAG])
    .readonly()
    .refresh('5s')
    .time({ from: 'now-15m', to: 'now' })
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .variables(variables())
    .annotations(annotations())
    .link(otherDashboards());
  for (const row of plan.rows) addRow(builder, row);
  return numbered(forOlderToo(builder.build()));
}

function otherDashboards(): DashboardLinkBuilder {
  return new DashboardLinkBuilder('Muster')
    .type(DashboardLinkType.Dashboards)
    .tags([TAG])
    .keepTime(true)
    .includeVars(true);
}

function addRow(builder: DashboardBuilder, row: Row): void {
  const heading = new RowBuilder(row.title);
  const panels = row.figures.map(drawn);
  if (row.isClosed === true) {
    for (const panel of panels) heading.withPanel(panel);
    builder.withRow(heading);
  } else {
    builder.withRow(heading);
    for (const panel of panels) builder.withPanel(panel);
  }
}

function numbered(dashboard: Dashboard): Dashboard {
  let id = 0;
  for (const panel of dashboard.panels ?? []) {
    panel.id = ++id;
    if (!('panels' in panel)) continue;
    for (const inner of panel.panels) inner.id = ++id;
  }
  return dashboard;
}
