/**
 * `muster replay` in a process of its own: prints what it came to, and exits 0 when the bits are the run's, 1 when they are not or it
 * failed, 2 when there is nothing to replay.
 */
import { startBackend } from '@muster/model';
import { exitCodeOf, toMusterError } from '@muster/protocol';
import { replayRun } from './replay-run.js';
import type { ReplayResult } from './replay-run.js';

async function main(): Promise<number> {
  const {
    REPLAY_RUN: run = '',
    REPLAY_DATA: data,
    REPLAY_BACKEND,
  } = process.env;
  const backend = REPLAY_BACKEND === 'wasm' || REPLAY_BACKEND === 'tensorflow';
  await startBackend(backend ? REPLAY_BACKEND : 'auto');
  const result = await replayRun(run, data);
  const isSame = result.parametersSha256 === result.expectedSha256;
  const isJson = process.env['REPLAY_JSON'] === 'true';
  const text = isJson
    ? JSON.stringify({ ...result, isSame }, null, 2)
    : textOf(result, isSame);
  process.stdout.write(`${text}\n`);
  return isSame ? 0 : 1;
}

function textOf(result: ReplayResult, isSame: boolean): string {
  const { version, parametersSha256, expectedSha256 } = result;
  return [
    `replayed ${version.toLocaleString('en-US')} contributions in their order`,
    `  the run's    sha256 ${expectedSha256}`,
    `  the replay's sha256 ${parametersSha256}`,
    isSame
      ? 'the same bits'
      : 'not the same bits: was it trained with another backend, library or processor?',
  ].join('\n');
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const { code, message } = toMusterError(error);
    process.stderr.write(`muster replay: ${message} (${code})\n`);
    process.exit(exitCodeOf(code));
  },
);
