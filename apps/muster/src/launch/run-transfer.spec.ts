import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readSettings } from '../settings/read-settings.js';
import { readLaunchOptions } from './launch-options.js';
import { LaunchPlan } from './plan.js';
import { RunTransfer } from './run-transfer.js';

const HOST = { name: 'b', slots: 1 };

let folder: string;
/** The words of each rsync that was started, a line each. */
let said: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-transfer-'));
  said = join(folder, 'said');
  const rsync = join(folder, 'rsync');
  await writeFile(rsync, `#!/bin/sh\necho "$@" >> '${said}'\n`);
  await chmod(rsync, 0o755);
  vi.stubEnv('PATH', `${folder}:${process.env['PATH'] ?? ''}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** The runs of this machine are in `runs` of the test's folder. */
function transfer(resume?: string, sync = true): RunTransfer {
  const flags = { out: join(folder, 'runs'), ...(resume && { resume }) };
  const readFileOf = () => '';
  return new RunTransfer(
    new LaunchPlan(
      readLaunchOptions({ hostList: 'a,b', sync }),
      readSettings({ command: 'train', flags, env: {}, readFile: readFileOf }),
    ),
  );
}

/** A run's folder on this machine. */
async function runHere(name: string): Promise<string> {
  const path = join(folder, 'runs', name);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'run.json'), '{}');
  return path;
}

const commands = () => readFile(said, 'utf8').catch(() => '');
const { signal } = new AbortController();

describe('a run that goes on', () => {
  it('is brought to its servers', async () => {
    const path = await runHere('r');
    await transfer('r').send(HOST, signal);
    expect(await commands()).toMatch(new RegExp(`${path}/ b:\\S*/runs/r/\\n$`));
  });

  it.each([
    ['that is not here', 'elsewhere', true],
    ['that the host chooses', 'auto', true],
    ['of a shared folder', 'r', false],
    ['that is none', undefined, true],
  ])('%s is not', async (_, resume, sync) => {
    await runHere('r');
    await transfer(resume, sync).send(HOST, signal);
    expect(await commands()).toBe('');
  });
});

describe('a run that has ended', () => {
  it('is brought back to where the runs of this machine are', async () => {
    const run = await transfer().fetch(HOST, '/home/m/runs/r');
    expect(run?.path).toBe(join(folder, 'runs', 'r'));
    expect(await commands()).toMatch(
      new RegExp(`b:/home/m/runs/r/ ${run?.path}/\\n$`),
    );
  });

  it('is not, where the host shares the folder', async () => {
    const path = await runHere('r');
    const run = await transfer(undefined, false).fetch(HOST, path);
    expect(run?.path).toBe(path);
    expect(await commands()).toBe('');
  });

  it('is not, where it never began', async () => {
    expect(await transfer().fetch(HOST, undefined)).toBeUndefined();
    expect(await commands()).toBe('');
  });
});
