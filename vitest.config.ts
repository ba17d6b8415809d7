import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// One process a file (`forks`): tfjs must not be loaded in a second thread of
// one process, and native typed arrays must be the real ones.
const shared = {
  pool: 'forks' as const,
  environment: 'node',
  testTimeout: 20_000,
  hookTimeout: 20_000,
  env: { TF_CPP_MIN_LOG_LEVEL: '3', TF_NUM_INTRAOP_THREADS: '1' },
};

// Files of these may run beside one another, as many as there are cores:
// Vitest itself would leave one of two cores alone.
const pure = { ...shared, maxWorkers: availableParallelism() };
const PURE = [
  'test/bench/**/*.spec.ts',
  'test/simulation/**/*.spec.ts',
  'test/optimizer-equals-tfjs.spec.ts',
];

export default defineConfig({
  ssr: { resolve: { conditions: ['@muster/source', 'node', 'import'] } },
  resolve: { conditions: ['@muster/source', 'node', 'import'] },
  test: {
    ...shared,
    projects: [
      {
        extends: true,
        test: {
          ...pure,
          name: 'unit',
          include: ['libs/**/*.spec.ts', 'apps/**/*.spec.ts'],
          exclude: ['**/dist/**', '**/node_modules/**'],
        },
      },
      {
        extends: true,
        test: {
          ...pure,
          name: 'simulation',
          include: PURE,
          exclude: ['**/dist/**', '**/node_modules/**'],
          testTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: 'process',
          include: ['test/**/*.spec.ts'],
          exclude: [
            ...['**/dist/**', '**/node_modules/**', 'test/containers/**'],
            ...['test/browser/**', ...PURE],
          ],
          sequence: { groupOrder: 1 },
          fileParallelism: false,
          testTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: 'browser',
          include: ['test/browser/**/*.spec.ts'],
          exclude: ['**/dist/**', '**/node_modules/**'],
          // Alone: Chromium breaks off what it loads (ERR_NETWORK_CHANGED) when
          // a container or a namespace brings an interface or takes one away.
          sequence: { groupOrder: 2 },
          fileParallelism: false,
          testTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: 'containers',
          include: ['test/containers/**/*.spec.ts'],
          exclude: ['**/dist/**', '**/node_modules/**'],
          globalSetup: ['test/containers/global-setup.ts'],
          sequence: { groupOrder: 3 },
          // Ryuk is an image to be pulled: the global set-up sweeps instead
          env: { ...shared.env, TESTCONTAINERS_RYUK_DISABLED: 'true' },
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
