/** The files below deploy/ are what the tools that read them accept. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const file = fileURLToPath(
  new URL('../../deploy/prometheus/prometheus.yml', import.meta.url),
);

it('has a configuration that Prometheus accepts', (context) => {
  const check = spawnSync('promtool', ['check', 'config', file]);
  if (check.error !== undefined) {
    context.skip('promtool not found: apt-get install prometheus');
  }
  expect(check.stderr.toString()).toBe('');
  expect(check.status).toBe(0);
});
