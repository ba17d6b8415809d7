/** Programs of others that train the same network, for comparison. */
import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { digitFiles } from './digit-files.js';

/** What a peer's script prints at its end. */
export interface PeerEpochs {
  readonly version: string;
  /** Training time of each epoch; evaluation is not in it. */
  readonly seconds: readonly number[];
  /** Test accuracy after each epoch, 0 to 1, where the script evaluates. */
  readonly accuracies?: readonly number[];
}

/** Longest time of one peer's run. Milliseconds. */
const PATIENCE_MS = 600_000;

/** The Python module that a script needs. */
const MODULES: Readonly<Record<string, string>> = {
  keras_fit: 'keras',
  keras_epochs: 'keras',
  pytorch_eager: 'torch',
  pytorch_ddp: 'torch',
  tf_parameter_server: 'tensorflow',
};

/** Where a peer's script lies in the sources. */
export function peerScript(name: string): string {
  return fileURLToPath(
    new URL(`../../bench/peers/${name}.py`, import.meta.url),
  );
}

/** Whether a Python can import what a peer's script needs. */
export function hasPeer(python: string | undefined, name: string): boolean {
  if (python === undefined) return false;
  const module = MODULES[name] ?? name;
  const code = `import importlib.util as u, sys; sys.exit(u.find_spec('${module}') is None)`;
  try {
    execFileSync(python, ['-c', code], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a peer's script to its end on all cores.
 * @param args its own options, after the data's files.
 * @throws Error when it fails or takes more than ten minutes.
 */
export async function runPeer(
  python: string,
  name: string,
  args: readonly string[],
): Promise<PeerEpochs> {
  const words = [peerScript(name), ...(await digitFiles()), ...args];
  const { stdout } = await promisify(execFile)(python, words, {
    timeout: PATIENCE_MS,
    env: {
      ...process.env,
      TF_CPP_MIN_LOG_LEVEL: '3',
      CUDA_VISIBLE_DEVICES: '',
    },
  });
  const line = stdout.split('\n').find((one) => one.startsWith('{'));
  if (line === undefined) throw new Error(`${name} printed no figures`);
  return JSON.parse(line) as PeerEpochs;
}
