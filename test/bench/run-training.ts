/**
 * One training by the built command, as a person starts it.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a benchmark reads of `summary.json`. */
export interface TrainingSummary {
  readonly testAccuracy: number;
  readonly steps: number;
  readonly trainSeconds: number;
  readonly imagesPerSecond: number;
  readonly examplesApplied: number;
  readonly examplesLost: number;
  readonly staleness: readonly number[];
  readonly parametersSha256: string;
  /** By epoch; milliseconds from the run's start. */
  readonly history: readonly { readonly trainMs: number }[];
}

/** The built command. */
export const COMMAND = fileURLToPath(
  new URL('../../../apps/muster/dist/main.js', import.meta.url),
);

/**
 * Trains to the end and gives the summary; nothing is left on the disk.
 * @param during is told the launcher's process id, once it runs.
 * @throws Error with what the command said, when it fails.
 */
export async function runTraining(
  args: readonly string[],
  during?: (pid: number) => () => void,
): Promise<TrainingSummary> {
  const out = await mkdtemp(join(tmpdir(), 'muster-bench-'));
  try {
    const kept = ['--out', out, '--json', '--report', 'off'];
    const words = ['train', ...kept, ...args];
    const child = spawn(process.execPath, [COMMAND, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
    const stop = during?.(child.pid ?? -1);
    const code = await new Promise<number | null>((resolve) => {
      child.once('close', resolve);
    });
    stop?.();
    if (code !== 0) throw new Error(`muster ${words.join(' ')}\n${stderr}`);
    return JSON.parse(stdout) as TrainingSummary;
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}
