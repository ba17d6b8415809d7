import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMPTY_LEDGER } from '@muster/cluster';
import type { ServerMachine } from '@muster/cluster';
import type { FeedMessage } from '@muster/dashboard';
import type { RunDefinition } from '@muster/protocol';
import { createLogger } from '@muster/telemetry';
import { createLogin } from '@muster/transport';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../config.js';
import { writeSnapshot } from '../run-state.js';
import { LivePage } from './live-page.js';
import type { LivePageOptions } from './live-page.js';

/** Four parameters, of which each of two servers has two; one epoch. */
const RUN: RunDefinition = {
  ...{ protocol: 4, runId: 'r', seed: 1, epochs: 1, wire: 'float32' },
  ...{ globalBatchSize: 4, microBatches: 2 },
  consistency: { name: 'sync' },
  optimizer: { name: 'sgd' },
  schedule: { name: 'constant', learningRate: 0.5 },
  dataset: {
    ...{ name: 'digits', fingerprint: 'd'.repeat(64), numTrain: 8, numTest: 2 },
    ...{ rows: 1, columns: 1, channels: 1, numClasses: 2 },
  },
  model: {
    topology: {},
    layout: [{ name: 'kernel', shape: [4], offset: 0 }],
    ...{ fingerprint: 'f'.repeat(64), numParameters: 4 },
  },
};
const SLICES = [Float32Array.of(1, 2), Float32Array.of(3, 4)] as const;
const FINISHED = { outcome: 'finished' } as const;

/** What a page reads off a brain, to be set as a test likes. */
class ScriptedBrain {
  shard = { version: 2, parameters: SLICES[0] };
  ledger = { examplesApplied: 8, reproducible: true };
  coordinator = {
    end: undefined as { outcome: 'finished' | 'drained' } | undefined,
    paces: new Map<string, number>(),
    overview: { phase: 'running', members: [], leaves: [] },
  };
}

let folder: string;
let brain: ScriptedBrain;
let pages: LivePage[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-live-page-'));
  brain = new ScriptedBrain();
  pages = [];
});
afterEach(async () => {
  for (const page of pages) await page.close();
  await rm(folder, { recursive: true });
});

function pageOf(more: Partial<LivePageOptions> = {}): LivePage {
  const page = new LivePage({
    ...{ run: RUN, shard: 0, numServers: 2, login: undefined },
    config: readConfig({ PS_RUN: folder }),
    machine: brain as unknown as ServerMachine,
    ask: () => Promise.reject(new Error('nobody is asked')),
    log: createLogger({ name: 'test', level: 'error', destination: 'stderr' }),
    ...more,
  });
  pages.push(page);
  return page;
}

/** Each server's last checkpoint, as the servers write them. */
async function checkpoint(shard: 0 | 1, version: number): Promise<void> {
  const parameters = SLICES[shard];
  const range = { begin: 2 * shard, end: 2 * shard + 2 };
  const files = { folder, run: RUN, shard, numShards: 2, ...range };
  await writeSnapshot(files, {
    ...{ reason: 'finished', version, keepFrom: 0, parameters },
    ...{ slots: {}, ledger: EMPTY_LEDGER },
  });
}

/** All that a page that is opened now is told at once. */
async function told(url: string): Promise<readonly FeedMessage[]> {
  const { body } = await fetch(`${url}api/events`);
  const reader = body!.getReader();
  const { value } = (await reader.read()) as { value: Uint8Array };
  await reader.cancel();
  const data = new TextDecoder().decode(value).matchAll(/^data: (.*)$/gm);
  return [...data].map(([, json]) => JSON.parse(json!) as FeedMessage);
}

/** What such a page shows as the SHA-256 of the parameters. */
async function hashAt(url: string): Promise<string | null | undefined> {
  const states = (await told(url)).flatMap((message) =>
    message.type === 'state' ? [message.parametersSha256] : [],
  );
  return states.at(-1);
}

describe('LivePage', () => {
  it('serves the page, and tells what was before this process', async () => {
    const line = { step: 1, loss: 0.5, accuracy: 0.75, atMs: 7 };
    const path = join(folder, 'metrics.jsonl');
    await writeFile(path, `${JSON.stringify(line)}\n`);
    const url = await pageOf().serve(0);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(await (await fetch(url)).text()).toContain('<!doctype html>');
    expect(await told(url)).toMatchObject([
      { type: 'run', runId: 'r', numServers: 2 },
      { type: 'points', step: [1], loss: [0.5], at: [7] },
      { type: 'state', step: 2, outcome: null },
    ]);
  });

  it('tells what the brain reports, and of checkpoints that fail', async () => {
    const live = pageOf();
    const url = await live.serve(0);
    live.report({ type: 'worker-back', workerId: 'w' });
    live.checkpointDone({
      outcome: 'failed',
      snapshot: { version: 1 } as never,
      error: { message: 'disk full' } as never,
    });
    const kinds = (await told(url)).flatMap((message) =>
      message.type === 'incident' ? [message.kind] : [],
    );
    expect(kinds).toEqual(['worker-back', 'checkpoint-failed']);
  });

  it('shows the run to those alone who have the token', async () => {
    const login = createLogin('dashboard', { dashboard: 'secret' });
    const url = await pageOf({ login }).serve(0);
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(`${url}api/events`)).status).toBe(401);
    const headers = { authorization: 'Bearer secret' };
    const response = await fetch(`${url}api/events`, { headers });
    expect(response.status).toBe(200);
    await response.body?.cancel();
  });

  it("knows the hash of several servers' parameters from their checkpoints", async () => {
    const live = pageOf();
    const url = await live.serve(0);
    brain.coordinator.end = FINISHED;
    live.ended();
    expect(await hashAt(url)).toBeNull();
    await checkpoint(0, 2);
    await checkpoint(1, 2);
    await live.settled();
    const bytes = Buffer.alloc(16);
    [1, 2, 3, 4].forEach((value, i) => bytes.writeFloatLE(value, 4 * i));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(await hashAt(url)).toBe(sha256);
  });

  it.each([
    ["the other's part is elsewhere", [[0, 2]]],
    [
      'the newest whole version is another',
      [
        [0, 1],
        [1, 1],
      ],
    ],
    ['there is nothing', []],
  ] as const)('has no hash where %s', async (_, checkpoints) => {
    const live = pageOf();
    const url = await live.serve(0);
    for (const [shard, version] of checkpoints) {
      await checkpoint(shard, version);
    }
    brain.coordinator.end = FINISHED;
    live.ended();
    await live.settled();
    expect(await hashAt(url)).toBeNull();
  });

  it('has none of a run that was stopped', async () => {
    const live = pageOf();
    const url = await live.serve(0);
    await checkpoint(0, 2);
    await checkpoint(1, 2);
    brain.coordinator.end = { outcome: 'drained' };
    live.ended();
    await live.settled();
    expect(await hashAt(url)).toBeNull();
  });

  it('ends open streams with the last news, and listens no more', async () => {
    const live = pageOf();
    const url = await live.serve(0);
    const { body } = await fetch(`${url}api/events`);
    brain.coordinator.end = FINISHED;
    live.ended();
    await live.close();
    const text = await new Response(body).text();
    expect(text).toContain('"outcome":"finished"');
    await expect(fetch(url)).rejects.toThrow();
    await live.close();
  });

  it('says which port is taken', async () => {
    const url = await pageOf().serve(0);
    const other = pageOf();
    const port = Number(new URL(url).port);
    await expect(other.serve(port)).rejects.toMatchObject({
      code: 'ERR_PORT_IN_USE',
    });
  });
});
