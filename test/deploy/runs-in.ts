/**
 * The runs in a folder, whoever has made them.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RunFiles } from '../cluster/run-files.js';

/** Gives those that have a definition, oldest first. */
export async function runsIn(folder: string): Promise<RunFiles[]> {
  const names = await readdir(folder).catch(() => []);
  const runs = names.sort().map((name) => new RunFiles(join(folder, name)));
  const there = await Promise.all(
    runs.map(({ path }) => stat(join(path, 'run.json')).catch(() => undefined)),
  );
  return runs.filter((_, at) => there[at] !== undefined);
}
