import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  MEMORY_SETTINGS,
  NODE_FLAGS,
  SERVER_MEMORY_SETTINGS,
  SERVER_NODE_FLAGS,
} from './node-flags.js';
import { WORKER_THREADS } from './worker-threads.js';

const dockerfile = readFileSync(
  new URL('../../../../deploy/docker/Dockerfile', import.meta.url),
  'utf8',
);

/** The lines of one stage of the Dockerfile. */
function stage(name: string): string {
  const [, text = ''] = dockerfile.split(` AS ${name}\n`);
  return text.split('\nFROM ')[0] ?? '';
}

/** What a stage starts, in its words. */
function commandOf(name: string): unknown {
  return JSON.parse(/^CMD (\[.*\])$/m.exec(stage(name))?.[1] ?? '');
}

describe('the images', () => {
  it('start a server as the launcher does', () => {
    expect(commandOf('parameter-server')).toEqual([
      ...['node', ...SERVER_NODE_FLAGS],
      'apps/parameter-server/dist/main.js',
    ]);
    for (const [name, value] of Object.entries(SERVER_MEMORY_SETTINGS)) {
      expect(stage('parameter-server')).toContain(` ${name}=${value}`);
    }
  });

  it('start a worker as the launcher does', () => {
    expect(commandOf('worker')).toEqual([
      ...['node', ...NODE_FLAGS],
      'apps/worker/dist/main.js',
    ]);
    const settings = { ...MEMORY_SETTINGS, ...WORKER_THREADS };
    for (const [name, value] of Object.entries(settings)) {
      expect(stage('worker')).toContain(` ${name}=${value}`);
    }
  });
});
