import { describe, expect, it } from 'vitest';
import { enginePlaceOf, serverUrlAt, workerNameAt } from './engine-place.js';

/** Variables as each engine was seen, or is documented, to set them. */
const SLURM = {
  SLURM_JOB_NAME: 'muster',
  SLURM_STEP_ID: '0',
  SLURM_PROCID: '3',
  SLURM_NTASKS: '8',
  SLURM_JOB_NODELIST: 'node[03-07,9],gpu1',
};
const TFJOB = {
  cluster: { ps: ['ps-0.ns.svc:2222', 'ps-1.ns.svc:2222'], worker: ['a', 'b'] },
  task: { type: 'worker', index: 1 },
};

describe('enginePlaceOf', () => {
  it('knows nothing where no engine has started the process', () => {
    expect(enginePlaceOf({})).toBeUndefined();
    expect(enginePlaceOf({ HOSTNAME: 'laptop-2', RANK: '' })).toBeUndefined();
    // RANK alone is anybody's name
    expect(enginePlaceOf({ RANK: '3' })).toBeUndefined();
  });

  it("reads an Indexed Job's completion index", () => {
    const env = {
      JOB_COMPLETION_INDEX: '2',
      HOSTNAME: 'muster-workers-2',
      KUBERNETES_SERVICE_HOST: '10.0.0.1',
    };
    expect(enginePlaceOf(env)).toEqual({ engine: 'indexed-job', rank: 2 });
  });

  it("reads the ordinal in a StatefulSet's pod, and in no other pod's", () => {
    const pod = (HOSTNAME: string) =>
      enginePlaceOf({ HOSTNAME, KUBERNETES_SERVICE_HOST: '10.0.0.1' });
    expect(pod('muster-server-11')).toEqual({
      engine: 'stateful-set',
      rank: 11,
    });
    expect(pod('muster-server-0')?.rank).toBe(0);
    // of a Deployment, and of a Job whose random end has digits alone
    expect(pod('web-7d4b9c-x2x4z')).toBeUndefined();
    expect(pod('web-24567')).toBeUndefined();
    expect(pod('web-007')).toBeUndefined();
  });

  it("reads a task of Slurm's step, and its first node", () => {
    expect(enginePlaceOf(SLURM)).toEqual({
      engine: 'slurm',
      rank: 3,
      size: 8,
      server: { host: 'node03' },
    });
  });

  it.each([
    ['node1', 'node1'],
    ['a1,b[2-3]', 'a1'],
    ['rack[0-1]-n[08-12].site', 'rack0-n08.site'],
    ['n[7]', 'n7'],
  ])('takes %s to begin with %s', (list, first) => {
    const place = enginePlaceOf({ ...SLURM, SLURM_JOB_NODELIST: list });
    expect(place?.server?.host).toBe(first);
  });

  it('has no rank in a batch script or an interactive shell of Slurm', () => {
    const script = { ...SLURM, SLURM_STEP_ID: undefined };
    expect(enginePlaceOf(script)).toBeUndefined();
    const shell = { ...SLURM, SLURM_JOB_NAME: 'bash' };
    expect(enginePlaceOf(shell)).toBeUndefined();
  });

  it("reads torchrun's rank, and leaves its port to torchrun", () => {
    const env = {
      ...{ RANK: '5', WORLD_SIZE: '6', LOCAL_RANK: '1' },
      ...{ MASTER_ADDR: 'head', MASTER_PORT: '29500' },
    };
    expect(enginePlaceOf(env)).toEqual({
      engine: 'torchrun',
      rank: 5,
      size: 6,
      server: { host: 'head' },
    });
    // it was started in a step of Slurm, as one task a node
    expect(enginePlaceOf({ ...SLURM, ...env })?.rank).toBe(5);
  });

  it('reads TF_CONFIG; a chief is the first worker', () => {
    const read = (config: unknown) =>
      enginePlaceOf({ TF_CONFIG: JSON.stringify(config) });
    expect(read(TFJOB)).toEqual({
      engine: 'tf-config',
      rank: 1,
      size: 2,
      server: { host: 'ps-0.ns.svc', port: 2222 },
    });
    const cluster = { ...TFJOB.cluster, chief: ['c'] };
    expect(read({ cluster, task: TFJOB.task })?.rank).toBe(2);
    const first = { cluster, task: { type: 'chief', index: 0 } };
    expect(read(first)).toMatchObject({ rank: 0, size: 3 });
    const server = { cluster, task: { type: 'ps', index: 1 } };
    expect(read(server)).toMatchObject({ rank: 1, size: 2 });
  });

  it.each([
    [{ JOB_COMPLETION_INDEX: 'one' }, /JOB_COMPLETION_INDEX.*whole.*'one'/],
    [{ JOB_COMPLETION_INDEX: '-1' }, /JOB_COMPLETION_INDEX/],
    [{ ...SLURM, SLURM_PROCID: '8' }, /SLURM_PROCID.*below 8.*'8'/],
    [{ RANK: '1', WORLD_SIZE: '1e3' }, /WORLD_SIZE/],
    [{ TF_CONFIG: '{"cluster":' }, /TF_CONFIG.*a cluster and a task/],
    [{ TF_CONFIG: '{"cluster":{},"task":{"type":"x"}}' }, /TF_CONFIG/],
  ])('refuses what the engine does not write: %j', (env, message) => {
    expect(() => enginePlaceOf(env)).toThrow(message);
  });
});

describe('what a place makes of a worker', () => {
  const place = { engine: 'slurm', rank: 3 } as const;

  it('is a name by rank', () => {
    expect(workerNameAt(place)).toBe('worker-3');
  });

  it('is an address where the engine knows a host', () => {
    expect(serverUrlAt(place, false)).toBeUndefined();
    const at = (host: string, port?: number) => ({
      ...place,
      server: { host, ...(port !== undefined && { port }) },
    });
    expect(serverUrlAt(at('n1'), false)).toBe('ws://n1:7070');
    expect(serverUrlAt(at('n1', 2222), true)).toBe('wss://n1:2222');
    expect(serverUrlAt(at('fd00::1'), false)).toBe('ws://[fd00::1]:7070');
  });
});
