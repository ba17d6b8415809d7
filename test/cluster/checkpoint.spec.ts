/**
 * What a run goes on from: the newest whole checkpoint. Damaged ones are
 * named and passed over, and the end is that of a run that was never stopped.
 */
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failOnLeftovers, muster } from './muster-process.js';
import { expectPlainError } from './plain-error.js';
import { signalTo } from './process-table.js';
import { outcomeOf, RunFiles, versionOf } from './run-files.js';
import { TOTAL_STEPS, Workbench } from './workbench.js';

failOnLeftovers();

const SHARD = 'shard-0000.safetensors';
/** 1, 2, 3 ... */
const EVERY_STEP = Array.from({ length: TOTAL_STEPS }, (_, i) => i + 1);

let bench: Workbench;
let undisturbed: ReturnType<typeof outcomeOf>;
/** A run that was stopped in its second epoch, and what it said then. */
let stopped: RunFiles;
let stoppedText: string;

beforeAll(async () => {
  bench = await Workbench.create();
  await using whole = bench.train();
  undisturbed = outcomeOf(await whole.summary());
  // one at the epoch's end, one at step 20; none that is still being written
  const flags = ['--checkpoint-every', '20', '--data', 'data'];
  await using part = bench.train({ flags, json: false, slow: true });
  await part.event('server', 'checkpoint', { step: 20 });
  signalTo(part.command.pid, 'SIGTERM');
  const { code, stdout, stderr } = await part.exit();
  expect(code, stderr).toBe(143);
  stoppedText = stdout;
  stopped = await part.files();
}, 60_000);
afterAll(() => bench[Symbol.asyncDispose]());

/** Copies the stopped run, so that each test can damage its own. */
async function copyOfStopped(name: string): Promise<RunFiles> {
  const path = join(bench.out, name);
  await cp(stopped.path, path, { recursive: true });
  return new RunFiles(path);
}

/** Changes one bit in the middle of a file. */
async function flipBit(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(file, bytes);
}

const damages = {
  'a flipped bit': (folder: string) => flipBit(join(folder, SHARD)),
  'no manifest': (folder: string) => rm(join(folder, 'manifest.json')),
};

describe('a run that was stopped', () => {
  it('has its newest two checkpoints, the newest at its last step', async () => {
    const names = await stopped.checkpoints();
    expect(names).toHaveLength(2);
    const { steps, outcome } = await stopped.summary();
    expect(outcome).toBe('drained');
    expect(versionOf(names[1]!)).toBe(steps);
  });

  it.each(Object.entries(damages))(
    'goes on from the one before a checkpoint with %s',
    async (title, damage) => {
      const run = await copyOfStopped(title.replaceAll(' ', '-'));
      const [older, newer] = await run.checkpoints();
      const folder = join(run.path, 'checkpoints', newer!);
      await damage(folder);

      await using rest = bench.resume(run.path);
      expect(outcomeOf(await rest.summary())).toEqual(undisturbed);
      const { stderr } = rest.command;
      expect(stderr).toContain(`checkpoint ${folder} is damaged (`);
      expect(stderr).toContain(`took version ${versionOf(older!)} before it`);
      expect(stderr).toContain(`going on from step ${versionOf(older!)}\n`);
      // The steps between the two were done twice, and are told of once.
      expect(await run.steps()).toEqual(EVERY_STEP);
      const lines = await run.metrics();
      const epochs = lines.filter(({ type }) => type === 'epoch');
      expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    },
  );

  it('is not begun anew when every checkpoint is damaged', async () => {
    const run = await copyOfStopped('all-damaged');
    const names = await run.checkpoints();
    const folders = names.map((name) => join(run.path, 'checkpoints', name));
    for (const folder of folders) await flipBit(join(folder, SHARD));
    await using rest = bench.resume(run.path);
    expectPlainError(await rest.exit(), {
      exitCode: 1,
      code: 'ERR_CHECKPOINT_CORRUPT',
      message: new RegExp(`${folders[1]}.*${folders[0]}.*--resume`),
    });
  });

  it('goes on with its own data and backend, from any folder', async () => {
    const run = await copyOfStopped('elsewhere');
    const words = ['train', '--resume', run.path];
    await using rest = bench.start(words, { cwd: tmpdir() });
    expect(outcomeOf(await rest.summary())).toEqual(undisturbed);
  });

  it.each([
    [['--seed', '9', '--epochs', '7'], /--epochs is 7.*3.*--seed is 9.*1/],
    [['--beta1', '0.5'], /--beta1 is 0\.5.*0\.9/],
    [['--warmup', '0.5'], /--warmup is 0\.5.*0\.1/],
  ])('does not go on with %j', async (flags, message) => {
    const run = await copyOfStopped(flags.join(''));
    await using rest = bench.resume(run.path, { flags });
    expectPlainError(await rest.exit(), {
      exitCode: 2,
      code: 'ERR_CHECKPOINT_MISMATCH',
      message,
    });
  });

  it('goes on by the words that it printed', async () => {
    const words = /^ +go on with +npx muster (.+)$/m.exec(stoppedText)?.[1];
    expect(words).toMatch(/^train --resume \S+/);
    const exit = await muster(words!.split(' '), { cwd: bench.path });
    expect(exit.code, exit.stderr).toBe(0);
    expect(outcomeOf(await stopped.summary())).toEqual(undisturbed);
  });
});
