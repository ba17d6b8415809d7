/** The files below deploy/ are what the tools that read them accept. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it.for(['prometheus.yml', 'containers.yml'])(
  'has a %s that Prometheus accepts',
  (name, context) => {
    const url = new URL(`../../deploy/prometheus/${name}`, import.meta.url);
    const file = fileURLToPath(url);
    const check = spawnSync('promtool', ['check', 'config', file]);
    if (check.error !== undefined) {
      context.skip('promtool not found: apt-get install prometheus');
    }
    expect(check.stderr.toString()).toBe('');
    expect(check.status).toBe(0);
  },
);
