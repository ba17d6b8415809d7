import { describe, expect, it } from 'vitest';
import { ScriptedServer } from '../testing.js';

/** Where the run stands; leaves as `step.leaf:state holder`. */
function look({ machine }: ScriptedServer) {
  const { phase, members, leaves } = machine.coordinator!.overview;
  return {
    phase,
    members: members.map(({ workerId, state }) => `${workerId} ${state}`),
    leaves: leaves.map(({ step, leaf, state, holder, hasBackup }) =>
      [`${step}.${leaf}`, state, holder, hasBackup ? 'backup' : undefined]
        .filter((word) => word !== undefined)
        .join(' '),
    ),
  };
}

describe('the overview', () => {
  it('of a run that has no server yet is empty', () => {
    const server = new ScriptedServer();
    expect(look(server)).toEqual({
      ...{ phase: 'gathering', members: [], leaves: [] },
    });
  });

  it('shows who holds which leaf, and which are in', () => {
    const server = new ScriptedServer().restored(0).join(1);
    expect(look(server)).toEqual({
      phase: 'running',
      members: ['w1 active'],
      leaves: ['0.0 leased w1', '0.1 leased w1'],
    });
    server.push(1, 0, 0);
    expect(look(server).leaves).toEqual(['0.0 summed w1', '0.1 leased w1']);
    server.push(1, 0, 1);
    expect(look(server).leaves).toEqual(['1.0 leased w1', '1.1 leased w1']);
  });

  it('shows who is gone, and that nobody holds its leaves', () => {
    const server = new ScriptedServer().restored(0).join(1);
    server.handle({ type: 'disconnected', connection: 1 });
    expect(look(server)).toMatchObject({
      members: ['w1 lost'],
      leaves: ['0.0 open', '0.1 open'],
    });
  });

  it('shows a leaf that two hold', () => {
    const server = new ScriptedServer({ stragglerFactor: 2 }).restored(0);
    // w1 is known to take 100 ms for a leaf, and now takes longer
    server.join(1).wait(200).push(1, 0, 0).push(1, 0, 1);
    server.wait(900).join(2).wait(100);
    expect(look(server).leaves[0]).toBe('1.0 leased w1 backup');
  });

  it('tells an evaluation that nothing else goes on beside', () => {
    const server = new ScriptedServer().restored(0).join(1);
    for (const step of [0, 1]) server.push(1, step, 0).push(1, step, 1);
    server.evaluate(1, 2);
    for (const step of [2, 3]) server.push(1, step, 0).push(1, step, 1);
    expect(look(server)).toMatchObject({ phase: 'evaluating', leaves: [] });
  });

  it('shows the first step that is not whole where order decides', () => {
    const bounds = { maxStaleness: 9, scaling: 'none' } as const;
    const consistency = { name: 'async', ...bounds } as const;
    const server = new ScriptedServer({ consistency }).restored(0).join(1);
    // each leaf is a version: an epoch of 4 is out at once, 2 are a step's
    expect(look(server).leaves).toEqual(['0.0 leased w1', '0.1 open']);
    server.push(1, 0, 0);
    expect(look(server).leaves).toEqual(['0.0 summed', '0.1 leased w1']);
  });

  it('changes nothing', () => {
    const server = new ScriptedServer().restored(0).join(1).take();
    look(server);
    expect(look(server)).toEqual(look(server));
    expect(server.done('send')).toEqual([]);
  });
});
