/**
 * What it takes to bring the notebook's gradient, 2.43 MB, to a server and to
 * get the parameters back: our whole stack by shared memory, over TCP, over
 * mutual TLS and over a unix socket, beside plain sockets and `ws` with its defaults. Two
 * processes, in turn.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Contender } from './contender.js';
import { PROCESS_FLAGS, PROCESS_MEMORY } from './process-settings.js';
import { median, spread } from './statistics.js';
import { CERTIFICATES_VARIABLE } from './wire-words.js';
import type { WireTimes } from './wire-words.js';

/** Runs it and gives the figures: milliseconds, median (least to greatest). */
export async function benchWire() {
  using certificates = makeCertificates();
  await using server = await start('wire-server', certificates.folder);
  await using client = await start('wire-client', certificates.folder);
  const { push, both } = await client.ask<WireTimes>(
    server.firstAnswer as object,
  );
  const ours = median(both['stack, TCP'] ?? []);
  return Object.keys(both).map((name) => ({
    connection: name,
    'push + answer, ms': spread(push[name] ?? []),
    'push + pull, ms': spread(both[name] ?? []),
    'times stack, TCP': (median(both[name] ?? []) / ours).toFixed(2),
  }));
}

/** Each has a core, as a server and a worker have. */
function start(
  name: 'wire-server' | 'wire-client',
  folder: string,
): Promise<Contender> {
  const script = new URL(`contenders/${name}.js`, import.meta.url);
  return Contender.start({
    name,
    command: process.execPath,
    args: [...PROCESS_FLAGS, fileURLToPath(script)],
    cores: name === 'wire-server' ? '0' : '1',
    threads: 1,
    // what `ws` is without another package; ours does not mask here at all
    env: {
      ...PROCESS_MEMORY,
      WS_NO_BUFFER_UTIL: '1',
      [CERTIFICATES_VARIABLE]: folder,
    },
  });
}

/** As a user makes them: one folder of the servers', with everything. */
function makeCertificates() {
  const out = mkdtempSync(join(tmpdir(), 'muster-wire-'));
  const command = new URL('../../../apps/muster/dist/main.js', import.meta.url);
  const args = [fileURLToPath(command), 'certs', '-H', 'bench'];
  const dispose = () => rmSync(out, { recursive: true, force: true });
  execFileSync(process.execPath, [...args, '--out', out, '--force']);
  return { folder: join(out, 'server'), [Symbol.dispose]: dispose };
}
