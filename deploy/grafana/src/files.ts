/** The files that are made from this folder, as they must be. */
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { DASHBOARDS, dashboardOf } from './dashboards.js';
import { panelTables } from './readme-table.js';

/** `deploy/grafana/`, seen from `src/` and from `dist/`. */
const FOLDER = new URL('../', import.meta.url);

/** A file that is made, and what is in it. */
export interface MadeFile {
  /** Below `deploy/grafana/`. */
  readonly path: string;
  readonly text: string;
}

/** All of them, formatted. */
export async function madeFiles(): Promise<MadeFile[]> {
  const dashboards = DASHBOARDS.map(async (plan) => ({
    path: `dashboards/${plan.file}`,
    text: await format(JSON.stringify(dashboardOf(plan), null, 2), {
      parser: 'json',
    }),
  }));
  return Promise.all([...dashboards, readme()]);
}

/** Reads a file of `deploy/grafana/`. */
export function textOf(path: string): string {
  return readFileSync(new URL(path, FOLDER), 'utf8');
}

/** Writes all of them; gives their paths. */
export async function writeFiles(): Promise<string[]> {
  const files = await madeFiles();
  for (const { path, text } of files) {
    writeFileSync(new URL(path, FOLDER), text);
  }
  return files.map(({ path }) => path);
}

/** The README with new tables between its markers. */
async function readme(): Promise<MadeFile> {
  const path = 'README.md';
  let text = textOf(path);
  for (const plan of DASHBOARDS) {
    const [begin, end] = [
      `<!-- begin ${plan.uid} -->`,
      `<!-- end ${plan.uid} -->`,
    ];
    const [before, rest] = parts(text, begin);
    const [, after] = parts(rest, end);
    const tables = `${begin}\n\n${panelTables(plan)}\n\n${end}`;
    text = before + tables + after;
  }
  return {
    path,
    text: await format(text, { parser: 'markdown', singleQuote: true }),
  };
}

function parts(text: string, marker: string): [string, string] {
  const [before = '', after, ...more] = text.split(marker);
  if (after === undefined || more.length > 0) {
    throw new Error(
      `deploy/grafana/README.md must have the line '${marker}' once: panels are listed after it`,
    );
  }
  return [before, after];
}
