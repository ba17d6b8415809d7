/**
 * What an engine says to a process that it starts: which one of how many it
 * is, and where the first of them, or the server, is. Kubernetes, Slurm and
 * others each have variables of their own for that; this is the only place
 * that knows them. (Swarm's task slot comes by a template in the stack file.)
 */
import { z } from 'zod';
import { MusterError } from './errors.js';

/** Variables by name, as `process.env` has them. */
type Environment = Readonly<Record<string, string | undefined>>;

/** Where a process stands among those of its kind. */
export interface EnginePlace {
  readonly engine:
    | 'torchrun'
    | 'tf-config'
    | 'indexed-job'
    | 'slurm'
    | 'stateful-set';
  /** From 0; stays the same when the engine starts the process again. */
  readonly rank: number;
  /** How many there are, where the engine says so. */
  readonly size?: number | undefined;
  /** Where the server is to be looked for, where the engine says so. */
  readonly server?: { readonly host: string; readonly port?: number };
}

/** Where a server listens when nothing else is said. */
export const DEFAULT_PORT = 7070;
/** More than any engine starts. */
const MAX_RANK = 999_999;

/**
 * Gives the place that the environment tells of; undefined where no engine
 * has started this process. The innermost engine wins: torchrun runs in a
 * Slurm step or in a pod, not the other way round.
 * @throws MusterError `ERR_CONFIG` when an engine's variable is none that this
 *   engine writes: under a name of its own a worker would not be known again.
 */
export function enginePlaceOf(env: Environment): EnginePlace | undefined {
  return (
    fromTorchrun(env) ??
    fromTfConfig(env) ??
    fromIndexedJob(env) ??
    fromSlurm(env) ??
    fromStatefulSet(env)
  );
}

/** A worker's name by its rank: started again, it is the same worker. */
export function workerNameAt({ rank }: EnginePlace): string {
  return `worker-${rank}`;
}

/**
 * The address of the server that an engine tells of, if it does.
 * @param isSecure whether the server is reached by TLS.
 */
export function serverUrlAt(
  { server }: EnginePlace,
  isSecure: boolean,
): string | undefined {
  if (server === undefined) return undefined;
  const { host, port = DEFAULT_PORT } = server;
  const bracketed = host.includes(':') ? `[${host}]` : host;
  return `${isSecure ? 'wss' : 'ws'}://${bracketed}:${port}`;
}

/** `MASTER_PORT` is taken: torchrun's own store listens there. */
function fromTorchrun(env: Environment): EnginePlace | undefined {
  if (!isSet(env, 'RANK') || !isSet(env, 'WORLD_SIZE')) return undefined;
  const host = env['MASTER_ADDR'];
  return checked('RANK', {
    engine: 'torchrun',
    rank: numberIn(env, 'RANK'),
    size: numberIn(env, 'WORLD_SIZE'),
    ...(host && { server: { host } }),
  });
}

/** Kubernetes' Indexed Job, and so JobSet's. */
function fromIndexedJob(env: Environment): EnginePlace | undefined {
  if (!isSet(env, 'JOB_COMPLETION_INDEX')) return undefined;
  const rank = numberIn(env, 'JOB_COMPLETION_INDEX');
  return { engine: 'indexed-job', rank };
}

/**
 * A task of `srun`. In a batch script, or in a shell that is called by hand,
 * the variables are set too, but there nobody has been given a rank.
 */
function fromSlurm(env: Environment): EnginePlace | undefined {
  if (!isSet(env, 'SLURM_STEP_ID') || !isSet(env, 'SLURM_PROCID')) {
    return undefined;
  }
  const name = env['SLURM_JOB_NAME'] ?? '';
  if (['bash', 'sh', 'zsh', 'interactive'].includes(name)) return undefined;
  const nodes = env['SLURM_JOB_NODELIST'];
  return checked('SLURM_PROCID', {
    engine: 'slurm',
    rank: numberIn(env, 'SLURM_PROCID'),
    ...(isSet(env, 'SLURM_NTASKS') && { size: numberIn(env, 'SLURM_NTASKS') }),
    ...(nodes && { server: { host: firstNode(nodes) } }),
  });
}

/**
 * The ordinal at the end of a pod's name: `muster-server-0`. Four digits at
 * most, as the random end of other pods' names has five characters.
 */
function fromStatefulSet(env: Environment): EnginePlace | undefined {
  if (!isSet(env, 'KUBERNETES_SERVICE_HOST')) return undefined;
  const ordinal = /-(0|[1-9]\d{0,3})$/.exec(env['HOSTNAME'] ?? '')?.[1];
  if (ordinal === undefined) return undefined;
  return { engine: 'stateful-set', rank: Number(ordinal) };
}

const tfConfigSchema = z.object({
  cluster: z.object({
    chief: z.array(z.string()).default([]),
    ps: z.array(z.string()).default([]),
    worker: z.array(z.string()).default([]),
  }),
  task: z.object({
    type: z.enum(['chief', 'worker', 'ps', 'evaluator']),
    index: z.int().min(0).max(MAX_RANK),
  }),
});

/** TensorFlow's own, as Kubeflow's TFJob writes it; a chief is worker 0. */
function fromTfConfig(env: Environment): EnginePlace | undefined {
  const text = env['TF_CONFIG'];
  if (!text) return undefined;
  const parsed = tfConfigSchema.safeParse(jsonOrUndefined(text));
  if (!parsed.success) {
    throw unusable('TF_CONFIG', 'a cluster and a task', text);
  }
  const { cluster, task } = parsed.data;
  const { chief, ps, worker } = cluster;
  const isServer = task.type === 'ps';
  const before = task.type === 'worker' ? chief.length : 0;
  const [host, port] = splitAddress(ps[0] ?? '');
  return checked('TF_CONFIG', {
    engine: 'tf-config',
    rank: task.index + before,
    size: isServer ? ps.length : chief.length + worker.length,
    ...(host !== '' && { server: { host, ...(port && { port }) } }),
  });
}

function splitAddress(text: string): [host: string, port: number | undefined] {
  const match = /^(.*?)(?::(\d{1,5}))?$/.exec(text);
  const port = match?.[2];
  return [match?.[1] ?? '', port === undefined ? undefined : Number(port)];
}

/**
 * The first host of a list as Slurm writes it: `node[03-07,9],gpu1` begins
 * with `node03`.
 */
function firstNode(list: string): string {
  const first = /^(?:[^,[]|\[[^\]]*\])*/.exec(list)?.[0] ?? '';
  return first.replaceAll(/\[(\d+)[^\]]*\]/g, '$1');
}

function checked(name: string, place: EnginePlace): EnginePlace {
  const { rank, size } = place;
  if (size === undefined || rank < size) return place;
  throw unusable(name, `a rank below ${size}`, String(rank));
}

function numberIn(env: Environment, name: string): number {
  const text = env[name] ?? '';
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= MAX_RANK) return value;
  throw unusable(name, 'a whole number', text);
}

function isSet(env: Environment, name: string): boolean {
  return (env[name] ?? '') !== '';
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function unusable(name: string, expected: string, got: string): MusterError {
  return new MusterError(
    'ERR_CONFIG',
    `the engine's variable ${name} is not usable: expected ${expected}, got '${got.slice(0, 100)}' (unset it, and give --worker-id and --server)`,
  );
}
