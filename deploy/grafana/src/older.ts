/**
 * The library writes defaults of the newest Grafana. Some of them an older
 * one does not know, and one of them hides the switches of the marks in a
 * menu: they are left out.
 */
/* eslint-disable @typescript-eslint/no-deprecated -- what follows it, schema v2, is for Grafana 12 and later alone */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

/** Changes the dashboard to one that Grafana 11 knows all of; gives it back. */
export function forOlderToo(dashboard: Dashboard): Dashboard {
  for (const variable of dashboard.templating.list ?? []) {
    // only of a variable of the type `interval`
    delete variable.auto;
    delete variable.auto_min;
    delete variable.auto_count;
  }
  for (const mark of dashboard.annotations.list ?? []) delete mark.placement;
  for (const link of dashboard.links ?? []) delete link.placement;
  return dashboard;
}
