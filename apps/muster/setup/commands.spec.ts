// The programs themselves, in a checkout where nothing was set up: one clear
// line, the right exit code, never a stack trace.
import { execFile } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryFolder, writeFiles } from './temporary-folder.js';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A checkout with nothing but set-up in it. */
function bareCheckout(): string {
  const root = temporaryFolder();
  for (const folder of ['setup', 'bin']) {
    const source = fileURLToPath(new URL(`../${folder}`, import.meta.url));
    cpSync(source, join(root, 'apps/muster', folder), { recursive: true });
  }
  return root;
}

function run(
  root: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args.map((arg, index) =>
        index === 0 ? join(root, 'apps/muster', arg) : arg,
      ),
      { env: { ...process.env, npm_execpath: '', ...env } },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code ?? -1);
        resolve({ code, stdout, stderr });
      },
    );
  });
}

const STACK = /^\s+at /m;

describe('muster', () => {
  it('says that set-up comes first', async () => {
    const { code, stdout, stderr } = await run(bareCheckout(), [
      'bin/muster.mjs',
    ]);
    expect(stderr).toBe(
      'muster: not set up here: run `npm start` (or `npm run setup`) first\n',
    );
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('says in one line that what was built cannot be started', async () => {
    const root = bareCheckout();
    writeFiles(root, {
      'apps/muster/dist/main.js': "import 'no-such-package';",
      'node_modules/.package-lock.json': '{}',
    });
    const { code, stderr } = await run(root, ['bin/muster.mjs']);
    expect(stderr).toMatch(/^muster: cannot be started .*no-such-package.*\n$/);
    expect(code).toBe(1);
  });

  it('runs what was built, with the arguments', async () => {
    const root = bareCheckout();
    writeFiles(root, {
      'apps/muster/package.json': '{"type":"module"}',
      'apps/muster/dist/main.js': 'console.log(process.argv.slice(2).join());',
      'node_modules/.package-lock.json': '{}',
    });
    const { code, stdout } = await run(root, [
      'bin/muster.mjs',
      'runs',
      '--json',
    ]);
    expect(stdout).toBe('runs,--json\n');
    expect(code).toBe(0);
  });
});

describe('set-up', () => {
  it('tells of its settings', async () => {
    const { code, stdout } = await run(bareCheckout(), [
      'setup/main.mjs',
      '--help',
    ]);
    expect(stdout).toContain('MUSTER_NATIVE=auto|download|wheel|wasm');
    expect(stdout).toContain('MUSTER_CACHE_DIR');
    expect(code).toBe(0);
  });

  it.each<[string, string[], NodeJS.ProcessEnv, RegExp]>([
    [
      'a command it does not know',
      ['fly'],
      {},
      /command: 'fly' is not known, expected train, test/,
    ],
    [
      'a setting it does not know',
      [],
      { MUSTER_NATIVE: 'gpu' },
      /MUSTER_NATIVE is 'gpu', expected auto/,
    ],
  ])('refuses %s with exit code 2', async (_, args, env, message) => {
    const { code, stderr } = await run(
      bareCheckout(),
      ['setup/main.mjs', ...args],
      env,
    );
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
  });

  it('ends `test` with a count that is no pass when the tests cannot run', async () => {
    const env = { MUSTER_NATIVE: 'gpu' };
    const root = bareCheckout();
    const { code, stdout } = await run(root, ['setup/main.mjs', 'test'], env);
    expect(stdout).toBe('0 passed, 1 failed\n');
    expect(code).toBe(2);
  });

  it('names the step that fails, the cause and the log, without a stack', async () => {
    const root = bareCheckout();
    writeFiles(root, { 'package.json': '{}' });
    const { code, stdout, stderr } = await run(root, [
      'setup/main.mjs',
      'train',
    ]);
    expect(stderr).toMatch(
      /packages: `npm ci` failed \(exit code 1\): .*package\.json.*setup\.log/,
    );
    expect(stderr).not.toMatch(STACK);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });
});
