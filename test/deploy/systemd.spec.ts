/**
 * The units of `deploy/systemd`: what systemd itself says of them, and whether
 * their commands, as they stand there, train. No unit is started: systemd is
 * not the first process here.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failOnLeftovers, MusterProcess } from '../cluster/muster-process.js';
import { EPOCHS, Workbench } from '../cluster/workbench.js';
import { Training } from '../cluster/training.js';
import { environmentIn, SystemdUnit, unitPath } from './systemd-unit.js';
import { skipWithout } from './skip-without.js';

failOnLeftovers();

const SERVER = 'muster-server.service';
const WORKER = 'muster-worker@.service';
/** Tenths: 0 is no way out, 100 no wall at all; most services have 96. */
const MAX_EXPOSURE = 15;

const missing =
  spawnSync('systemd-analyze', ['--version']).error === undefined
    ? undefined
    : 'systemd-analyze not found: apt-get install systemd';

describe.each([SERVER, WORKER])('%s', (name) => {
  it('is what systemd accepts, without a warning', async (test) => {
    skipWithout(test, missing);
    const folder = await mkdtemp(join(tmpdir(), 'muster-units-'));
    try {
      // Node may lie elsewhere here
      const text = await readFile(unitPath(name), 'utf8');
      const path = join(folder, name);
      await writeFile(path, text.replace('/usr/bin/node', process.execPath));
      const check = spawnSync('systemd-analyze', ['verify', path]);
      expect(check.stderr.toString()).toBe('');
      expect(check.status).toBe(0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('leaves little that a service which is taken over could do', (test) => {
    skipWithout(test, missing);
    const words = ['security', '--offline=true', unitPath(name)];
    const check = spawnSync('systemd-analyze', [
      ...words,
      `--threshold=${MAX_EXPOSURE}`,
      '--no-pager',
    ]);
    const said = check.stdout.toString();
    expect(said).toMatch(/Overall exposure level for muster-/);
    expect(check.status, said).toBe(0);
  });

  it('keeps the token out of its command and its variables', () => {
    const unit = new SystemdUnit(name);
    expect(unit.values('LoadCredential')).toEqual(['token:/etc/muster/token']);
    expect(unit.command(specifiersOf('/s', '/c', '0'))).toContain('/c/token');
    expect(unit.values('Environment')).toEqual([]);
  });
});

it('trains by the commands of the units: same bits', async () => {
  await using bench = await Workbench.create();
  const [state, credentials] = ['state', 'credentials'].map((name) =>
    join(bench.path, name),
  ) as [string, string];
  await mkdir(credentials);
  await writeFile(join(credentials, 'token'), `${'t'.repeat(43)}\n`);
  const common = { MUSTER_DATA: bench.data };

  await using server = new Training(
    join(state, 'muster/runs'),
    wordsOf(SERVER, specifiersOf(state, credentials, '')),
    {
      env: {
        ...environmentIn('server.env.example'),
        ...common,
        // free ports, and the small data set's steps
        MUSTER_LISTEN: '127.0.0.1:0',
        MUSTER_METRICS_LISTEN: '127.0.0.1:0',
        MUSTER_EPOCHS: String(EPOCHS),
        MUSTER_GLOBAL_BATCH: '40',
        MUSTER_MICRO_BATCHES: '4',
      },
    },
  );
  const url = await server.url();
  const startWorker = (instance: string) =>
    MusterProcess.start(
      wordsOf(WORKER, specifiersOf(state, credentials, instance)),
      {
        env: {
          ...environmentIn('worker.env.example'),
          ...common,
          MUSTER_SERVER: url,
          MUSTER_BACKEND: 'wasm',
        },
      },
    );
  await using first = startWorker('0');
  await using second = startWorker('1');
  const ends = await Promise.all([server.exit(), first.exit(), second.exit()]);
  expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);

  const files = await server.files();
  const joined = (await files.log('server'))
    .filter(({ event }) => event === 'worker-joined')
    .map(({ workerId }) => String(workerId));
  expect(joined.sort()).toEqual([`${hostname()}-0`, `${hostname()}-1`]);
  const { parametersSha256 } = await files.summary();
  await using alone = bench.train();
  expect(parametersSha256).toBe((await alone.summary()).parametersSha256);
}, 90_000);

/** What systemd would fill in. */
function specifiersOf(state: string, credentials: string, instance: string) {
  const host = hostname();
  return { '%S': state, '%d': credentials, '%H': host, '%i': instance };
}

/** The words after the program, which is the command of this checkout. */
function wordsOf(
  unit: string,
  specifiers: Readonly<Record<string, string>>,
): string[] {
  const words = new SystemdUnit(unit).command(specifiers);
  expect(words.slice(0, 2)).toEqual([
    '/usr/bin/node',
    '/opt/muster/apps/muster/dist/main.js',
  ]);
  return words.slice(2);
}
