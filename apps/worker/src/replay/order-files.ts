/**
 * The recorded orders of a run: which files there are, and which entries of
 * each hold.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeOrder } from '@muster/cluster';
import type { OrderEntry } from '@muster/cluster';
import { MusterError } from '@muster/protocol';

const NAME = /^from-(\d{8,16})-shard-(\d+)-of-(\d+)\.order$/;

/** What every server applied from one version to another. */
export interface OrderSegment {
  readonly from: number;
  readonly end: number;
  /** By server: entry `i` made version `from + i + 1`. */
  readonly servers: readonly (readonly OrderEntry[])[];
}

/**
 * Reads a run's orders from version 0 up to version `end`.
 * @throws MusterError `ERR_RUN_NOT_FOUND` when some of it is missing.
 */
export async function readOrders(
  run: string,
  end: number,
): Promise<OrderSegment[]> {
  const directory = join(run, 'order');
  const names = await readdir(directory).catch(() => []);
  const files = names.flatMap((name) => {
    const [, from, shard, numServers] = NAME.exec(name) ?? [];
    if (from === undefined) return [];
    const path = join(directory, name);
    return [
      {
        path,
        from: Number(from),
        shard: Number(shard),
        numServers: Number(numServers),
      },
    ];
  });
  const begins = [...new Set(files.map(({ from }) => from))]
    .filter((from) => from < end)
    .sort((a, b) => a - b);
  if (begins[0] !== 0) throw missing(directory, 0);
  const segments: OrderSegment[] = [];
  for (const [i, from] of begins.entries()) {
    const until = Math.min(begins[i + 1] ?? end, end);
    const group = files.filter((file) => file.from === from);
    const numServers = group[0]?.numServers ?? 0;
    const servers: OrderEntry[][] = [];
    for (let shard = 0; shard < numServers; shard++) {
      const file = group.find((one) => one.shard === shard);
      if (file === undefined) throw missing(directory, from);
      const bytes = await readFile(file.path);
      const entries = decodeOrder(bytes, from, numServers);
      if (entries.length < until - from) throw missing(directory, from);
      servers.push(entries.slice(0, until - from));
    }
    segments.push({ from, end: until, servers });
  }
  return segments;
}

function missing(directory: string, from: number): MusterError {
  return new MusterError(
    'ERR_RUN_NOT_FOUND',
    `${directory} does not hold the whole order of application from version ${from} on: only runs of --consistency bounded and async record it`,
  );
}
