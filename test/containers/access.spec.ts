/**
 * Who may take part in a training in containers, and that nobody learns from
 * the engine how to.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectPlainError } from '../cluster/plain-error.js';
import { Wait } from 'testcontainers';
import type { ClusterStage } from './cluster-stage.js';
import { describeWithDocker } from './docker.js';
import { useTheatre } from './theatre.js';

const TOKEN = '/run/secrets/muster-token';

describeWithDocker('a server in a container', () => {
  const theatre = useTheatre();
  let stage: ClusterStage;
  beforeAll(async () => {
    stage = await theatre().stage();
    await stage.serve({ until: Wait.forHealthCheck() });
  }, 120_000);
  afterAll(() => stage?.[Symbol.asyncDispose]());

  it('refuses a worker with the wrong token', async () => {
    const wrong = await theatre().bench.write('wrong', 'not-the-secret\n');
    const worker = await stage.startWorker('stranger', {
      files: { [TOKEN]: wrong },
    });
    const exit = await worker.exit();
    expectPlainError(exit, {
      exitCode: 1,
      code: 'ERR_UNAUTHORIZED',
      message: /token wrong.*--token-file/,
    });
    expect(exit.stderr).not.toContain('not-the-secret');
    await stage.coordinator.event('connection-refused', {
      code: 'ERR_UNAUTHORIZED',
    });
  });

  it('has no worker that was given no token', async () => {
    const worker = await stage.startWorker('guest', {
      env: { WORKER_TOKEN_FILE: '/run/secrets/none' },
    });
    expectPlainError(await worker.exit(), {
      exitCode: 2,
      code: 'ERR_CONFIG',
      message: /token file \/run\/secrets\/none cannot be read/,
    });
  });

  it('trains with whoever has it, to the same bits', async () => {
    await stage.work(1);
    expect(await stage.outcome()).toEqual(theatre().undisturbed);
  });

  it('has told no secret, nor have its workers', async () => {
    const token = (await readFile(stage.tokenFile, 'utf8')).trim();
    expect(token.length).toBeGreaterThan(40);
    for (const container of [...stage.servers, ...stage.workers]) {
      // environment, command, labels, mounts
      expect(JSON.stringify(await container.inspect())).not.toContain(token);
      const { stdout, stderr } = await container.output();
      expect(stdout + stderr).not.toContain(token);
    }
  });
});
