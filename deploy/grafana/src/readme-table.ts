/** The panels as tables of Markdown, for the README of this folder. */
import type { DashboardPlan } from './dashboards.js';
import type { Row } from './row.js';

/** One table a row of the dashboard. */
export function panelTables({ rows }: DashboardPlan): string {
  return rows.map(tableOf).join('\n\n');
}

function tableOf({ title, figures }: Row): string {
  const lines = figures.map(
    ({ title, shows, red }) => `| ${title} | ${shows} | ${capital(red)} |`,
  );
  return [
    `### ${title}`,
    '',
    '| Panel | Shows | Red |',
    '| - | - | - |',
    ...lines,
  ].join('\n');
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
