export { DASHBOARDS, dashboardOf } from './dashboards.js';
export type { DashboardPlan } from './dashboards.js';
export type { Figure } from './figure.js';
export { madeFiles, textOf } from './files.js';
export type { MadeFile } from './files.js';
export type { Row } from './row.js';
