/**
 * Resident memory of the processes of a cluster through a long training:
 * sampled once a second, the peak of each, and the slope after the first
 * epoch.
 */
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { runTraining } from './run-training.js';

const DEFAULT_EPOCHS = '10';
const SAMPLE_MS = 1000;
const MIB_PER_KIB = 1 / 1024;

interface Sample {
  readonly atMs: number;
  readonly mebibytes: number;
}

/** Runs it and gives a row for each process. */
export async function benchMemory(
  _tell: (line: string) => void,
  flags: ReadonlyMap<string, string>,
) {
  const epochs = flags.get('epochs') ?? DEFAULT_EPOCHS;
  const samples = new Map<string, Sample[]>();
  const startMs = Date.now();
  const { history } = await runTraining(
    ['--epochs', epochs, '--workers', '2', '--seed', '7'],
    (pid) => sampleChildren(pid, samples),
  );
  const epochMs = (history.at(-1)?.trainMs ?? NaN) / history.length;
  const firstMs = startMs + epochMs * 1.5;
  return [...samples].map(([name, all]) => {
    const later = all.filter(({ atMs }) => atMs > firstMs);
    return {
      process: name,
      'peak, MiB': Math.max(...all.map(({ mebibytes }) => mebibytes)).toFixed(
        0,
      ),
      'slope, MiB an epoch': (slopeOf(later) * epochMs).toFixed(2),
      samples: all.length,
    };
  });
}

/** Samples until it is told to stop. */
function sampleChildren(
  launcher: number,
  samples: Map<string, Sample[]>,
): () => void {
  const abort = new AbortController();
  const loop = async (): Promise<void> => {
    while (!abort.signal.aborted) {
      for (const { name, mebibytes } of await childrenOf(launcher)) {
        const all = samples.get(name) ?? [];
        all.push({ atMs: Date.now(), mebibytes });
        samples.set(name, all);
      }
      await pause(SAMPLE_MS, undefined, { signal: abort.signal });
    }
  };
  void loop().catch(() => undefined);
  return () => abort.abort();
}

async function childrenOf(launcher: number) {
  const found: { name: string; mebibytes: number }[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const of = (file: string) =>
      readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    const status = await of('status');
    if (Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) !== launcher) continue;
    const environment = await of('environ');
    const worker = /(?:^|\0)WORKER_ID=([^\0]+)/.exec(environment)?.[1];
    const shard = /(?:^|\0)PS_SHARD=(\d+)/.exec(environment)?.[1];
    const name =
      worker ?? (shard === undefined ? undefined : `server-${shard}`);
    const kibibytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
    if (name === undefined || !(kibibytes > 0)) continue;
    found.push({ name, mebibytes: kibibytes * MIB_PER_KIB });
  }
  return found;
}

/** Least squares; MiB a millisecond. */
function slopeOf(samples: readonly Sample[]): number {
  const n = samples.length;
  const meanX = samples.reduce((sum, { atMs }) => sum + atMs, 0) / n;
  const meanY = samples.reduce((sum, { mebibytes }) => sum + mebibytes, 0) / n;
  let [xy, xx] = [0, 0];
  for (const { atMs, mebibytes } of samples) {
    xy += (atMs - meanX) * (mebibytes - meanY);
    xx += (atMs - meanX) ** 2;
  }
  return xy / xx;
}
