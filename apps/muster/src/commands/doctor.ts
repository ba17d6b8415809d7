/**
 * `muster doctor`: what is here and what is missing, on one screen.
 */
import { availableParallelism } from 'node:os';
import { loadDataset } from '@muster/data';
import { toMusterError } from '@muster/protocol';
import { readKernelsRecord } from '../../setup/kernels-record.mjs';
import { readNativeRecord } from '../../setup/native-library/record.mjs';
import { print, printJson, settingsFor } from './context.js';
import type { Context } from './context.js';
import { startBackendHere } from './trained-run.js';

/** One thing that was looked at. */
interface Finding {
  readonly what: string;
  readonly found: string;
  /** Whether something is missing that training here needs. */
  readonly ok: boolean;
}

/** Runs the command; exit code 0 when training can start, 1 otherwise. */
export async function doctorCommand(
  flags: Readonly<Record<string, unknown>>,
  context: Context,
): Promise<number> {
  const settings = settingsFor('doctor', flags, context);
  const findings: Finding[] = [
    nodeFinding(),
    nativeFinding(),
    ...(await backendFindings(settings.backend)),
    await dataFinding(settings.data),
  ];
  const isReady = findings.every(({ ok }) => ok);
  if (settings.json) printJson(context.stdout, { isReady, findings });
  else {
    for (const { what, found, ok } of findings) {
      print(
        context.stdout,
        `${ok ? 'ok     ' : 'MISSING'} ${what.padEnd(15)} ${found}`,
      );
    }
    print(
      context.stdout,
      isReady ? 'ready: npm start' : 'not ready: see the lines marked MISSING',
    );
  }
  return isReady ? 0 : 1;
}

function nodeFinding(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  const { node, arch, platform } = { ...process.versions, ...process };
  const cores = availableParallelism();
  const found = `${node} on ${platform} ${arch}, ${cores} cores`;
  const ok = [20, 22, 24].includes(major);
  return {
    what: 'Node',
    found: ok ? found : `${found}: 20, 22 or 24 is needed`,
    ok,
  };
}

function nativeFinding(): Finding {
  const record = readNativeRecord();
  const what = 'native library';
  if (record === undefined) {
    return { what, found: 'set-up has not run: npm run setup', ok: false };
  }
  const { way, library, libraryVersion, reason } = record;
  const found = `${library} ${libraryVersion}, by ${way}: ${reason}`;
  return { what, found, ok: true };
}

async function backendFindings(
  choice: 'auto' | 'tensorflow' | 'wasm',
): Promise<Finding[]> {
  try {
    const info = await startBackendHere(choice);
    const { name, libraryVersion, threads, numerics, reason, kernels } = info;
    const problem = readKernelsRecord()?.problem ?? '';
    return [
      {
        what: 'backend',
        found: `${name} ${libraryVersion} (${reason})`,
        ok: true,
      },
      {
        what: 'kernels',
        found: problem === '' ? kernels : `${kernels} (${problem})`,
        ok: true,
      },
      { what: 'threads', found: `${threads} a worker`, ok: true },
      { what: 'numerics', found: numerics.slice(0, 12), ok: true },
    ];
  } catch (error) {
    const found = toMusterError(error).message;
    return [{ what: 'backend', found, ok: false }];
  }
}

async function dataFinding(directory: string | undefined): Promise<Finding> {
  const what = 'data';
  try {
    const { name, train, test, rows, columns } = await loadDataset(directory);
    const found = `${name}: ${train.count} and ${test.count} images of ${rows}x${columns}`;
    return { what, found, ok: true };
  } catch (error) {
    return { what, found: toMusterError(error).message, ok: false };
  }
}
