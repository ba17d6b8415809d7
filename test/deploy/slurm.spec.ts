/**
 * `deploy/slurm/train.sbatch` on a real Slurm of one node: the ranks that it
 * gives, the signal before the time limit, and the way through the queue.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../cluster/eventually.js';
import { outcomeOf } from '../cluster/run-files.js';
import type { RunFiles } from '../cluster/run-files.js';
import { SlowLine } from '../cluster/slow-line.js';
import { STEPS_PER_EPOCH, Workbench } from '../cluster/workbench.js';
import { missingSlurm, OneNodeSlurm } from './one-node-slurm.js';
import { runsIn } from './runs-in.js';
import { skipWithout } from './skip-without.js';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const SCRIPT = join(REPOSITORY, 'deploy/slurm/train.sbatch');
/** Long enough, on a slow line, that a signal comes in the middle. */
const EPOCHS = 10;
const TOTAL_STEPS = EPOCHS * STEPS_PER_EPOCH;
const TRAINING = [
  ...['--epochs', String(EPOCHS), '--global-batch', '40'],
  ...['--micro-batches', '4', '--checkpoint-every', '10'],
];

describe('train.sbatch', () => {
  const missing = missingSlurm();
  let bench: Workbench;
  let slurm: OneNodeSlurm;
  let runs: string;
  let line: SlowLine;

  beforeAll(async () => {
    if (missing !== undefined) return;
    bench = await Workbench.create();
    runs = join(bench.path, 'slurm-runs');
    line = SlowLine.begin(bench.path);
    const folder = join(bench.path, 'slurm');
    await mkdir(folder);
    slurm = await OneNodeSlurm.start(folder);
  }, 60_000);
  afterAll(async () => {
    await slurm?.[Symbol.asyncDispose]();
    await bench?.[Symbol.asyncDispose]();
  });
  beforeEach((test) => skipWithout(test, missing));

  /** Submits the script with two workers; gives the number of the job. */
  function submit(): string {
    const output = join(bench.path, 'job-%j.log');
    const words = ['--parsable', '--ntasks=2', `--output=${output}`];
    return slurm
      .run('sbatch', [...words, SCRIPT, ...TRAINING], {
        ...line.env,
        REPOSITORY,
        RUNS_DIR: runs,
        MUSTER_DATA: bench.data,
        MUSTER_BACKEND: 'wasm',
      })
      .trim();
  }

  const logOf = (job: string) =>
    readFile(join(bench.path, `job-${job}.log`), 'utf8').catch(() => '');

  /** The run of a job, once it has one. */
  async function runOf(job: string): Promise<RunFiles> {
    const folder = join(runs, `slurm-${job}`);
    const what = `a run of job ${job}`;
    try {
      return await eventually(what, async () => (await runsIn(folder))[0]);
    } catch (cause) {
      const state = slurm.run('scontrol', ['show', 'job', job]);
      const said = [await slurm.logs(), state, await logOf(job)].join('\n');
      throw new Error(`no ${what}:\n${said}`, { cause });
    }
  }

  it('ends with the same bits when it is stopped, queued again and resumed', async () => {
    const job = submit();
    const files = await runOf(job);
    const log = () => logOf(job);
    const joined = async () =>
      (await files.log('server').catch(() => []))
        .filter(({ event }) => event === 'worker-joined')
        .map(({ workerId }) => workerId);
    await eventually('both ranks and step 10', async () => {
      const steps = await files.steps();
      return steps.some((at) => at >= 10) && (await joined()).length === 2;
    });
    // what Slurm does before the time limit, by --signal=B:USR1@120
    slurm.run('scancel', ['--signal=USR1', '--batch', job]);
    await eventually('its way to the queue', async () =>
      (await log()).includes(`queued again: ${job}`),
    );
    line.end();
    expect((await files.summary()).outcome).toBe('drained');
    const stoppedAt = Math.max(...(await files.steps()));
    expect(stoppedAt).toBeLessThan(TOTAL_STEPS);

    const isDone = () => slurm.stateOf(job) === 'COMPLETED';
    await eventually('the end of the job', isDone, 90_000);
    const summary = await files.summary();
    expect(summary.outcome).toBe('finished');
    // the same run went on: there is no other one
    expect(await runsIn(join(runs, `slurm-${job}`))).toHaveLength(1);
    expect(await files.mode('../token')).toBe(0o600);

    // ranks of SLURM_PROCID in the first life; in the second, one may have
    // done all of the work before the other was there
    const names = await joined();
    expect(new Set(names)).toEqual(new Set(['worker-0', 'worker-1']));
    expect(names.length).toBeGreaterThanOrEqual(3);

    await using alone = bench.train({ epochs: EPOCHS });
    const undisturbed = await alone.summary();
    expect(outcomeOf(summary)).toEqual(outcomeOf(undisturbed));
  }, 180_000);
});
