import { describe, expect, it } from 'vitest';
import type { ScrapeTarget } from '@muster/cluster';
import type { ServerReport } from '@muster/protocol';
import type { LogFields, Logger, TargetGroup } from '@muster/telemetry';
import { ServiceDiscovery } from './service-discovery.js';

const own = {
  kind: 'server',
  shard: 0,
  role: 'primary',
  metricsUrl: 'http://0.0.0.0:9464',
  address: 'local',
} as const;

function worker(workerId: string, address: number, host = '0.0.0.0') {
  const metricsUrl = `http://${host}:9464`;
  return { kind: 'worker', workerId, metricsUrl, address } as const;
}

/** Documentation addresses (RFC 5737): nobody here has them. */
const REMOTES = ['', '192.0.2.1:50000', '192.0.2.2:50000', 'unix'];

/** A list of these, with what the log is told. */
function discoveryOf(targets: readonly ScrapeTarget[] | undefined) {
  const warnings: LogFields[] = [];
  const told: ServerReport[] = [];
  const log = {
    warn: (_event: string, fields: LogFields) => warnings.push(fields),
  } as unknown as Logger;
  const discovery = new ServiceDiscovery({
    ...{ runId: 'r1', log, targets: () => targets },
    tell: (report) => told.push(report),
    remoteOf: (connection) => REMOTES[connection],
    ownAddresses: () => new Set(['127.0.0.1']),
  });
  return { discovery, warnings, told };
}

const asked = { localAddress: '192.0.2.8', remoteAddress: '192.0.2.9' };

describe('/sd', () => {
  it('lists servers and workers with their labels', () => {
    const standby = { ...own, role: 'standby', address: 2 } as const;
    const targets = [own, standby, worker('w-1', 1), worker('w-3', 3)];
    const answer = discoveryOf(targets).discovery.answer(asked);
    expect(answer).toMatchObject({ status: 200, type: 'application/json' });
    const server = { job: 'muster-server', server: '0', run_id: 'r1' };
    const of = { job: 'muster-worker', run_id: 'r1' };
    expect(JSON.parse(answer.body) as TargetGroup[]).toEqual([
      { targets: ['192.0.2.8:9464'], labels: { ...server, role: 'primary' } },
      { targets: ['192.0.2.2:9464'], labels: { ...server, role: 'standby' } },
      { targets: ['192.0.2.1:9464'], labels: { ...of, worker: 'w-1' } },
      // a unix socket is on this machine
      { targets: ['192.0.2.8:9464'], labels: { ...of, worker: 'w-3' } },
    ]);
  });

  it('says by which scheme a target is asked, if it is not http', () => {
    const target = { ...worker('w', 1), metricsUrl: 'https://w.example' };
    const { body } = discoveryOf([target]).discovery.answer(asked);
    expect(JSON.parse(body)).toMatchObject([
      { targets: ['w.example:443'], labels: { __scheme__: 'https' } },
    ]);
  });

  it('is an empty list where nobody serves metrics', () => {
    expect(discoveryOf([]).discovery.answer(asked)).toEqual({
      status: 200,
      type: 'application/json',
      body: '[]',
    });
  });

  it('is refused where it is not known, so that the last list stays', () => {
    const { discovery } = discoveryOf(undefined);
    expect(discovery.answer(asked)).toEqual({
      status: 503,
      body: 'only the coordinator, the primary of server 0, knows who is there\n',
    });
  });

  it('leaves out whom nobody there can reach, and says so once', () => {
    const targets = [worker('far', 1, '127.0.0.1'), worker('near', 2)];
    const { discovery, warnings } = discoveryOf(targets);
    const bodies = [1, 2].map(() => discovery.answer(asked).body);
    for (const body of bodies) {
      expect(JSON.parse(body)).toMatchObject([{ labels: { worker: 'near' } }]);
    }
    expect(warnings).toEqual([
      {
        worker: 'far',
        text: '192.0.2.9 cannot read the metrics of http://127.0.0.1:9464, which is another machine to it; have the process listen on an address that others reach (--metrics-listen)',
      },
    ]);
  });

  it('leaves out whose connection has just gone', () => {
    const { discovery } = discoveryOf([worker('w', 99)]);
    expect(discovery.answer(asked).body).toBe('[]');
  });
});

describe('the launcher', () => {
  const lost = { type: 'server-lost', shard: 1, message: '' } as const;

  it('hears the whole list when it has changed, and not else', () => {
    const targets: ScrapeTarget[] = [];
    const { discovery, told } = discoveryOf(targets);
    discovery.report(lost);
    expect(told).toEqual([]);
    targets.push(own, worker('w', 1), worker('unix', 3));
    discovery.report({ type: 'took-over', shard: 0 });
    const labels = { job: 'muster-worker', run_id: 'r1' };
    const of = { metricsUrl: 'http://0.0.0.0:9464' };
    expect(told.splice(0)).toEqual([
      {
        type: 'targets',
        targets: [
          {
            ...{ ...of, address: null },
            labels: {
              ...{ job: 'muster-server', server: '0', role: 'primary' },
              run_id: 'r1',
            },
          },
          { ...of, address: '192.0.2.1', labels: { ...labels, worker: 'w' } },
          { ...of, address: null, labels: { ...labels, worker: 'unix' } },
        ],
      },
    ]);
    discovery.report(lost);
    expect(told).toEqual([]);
    targets.splice(0);
    // a step is no change of who is there, and is not looked at
    discovery.report({ type: 'backup-given', workerId: 'w' });
    expect(told).toEqual([]);
    discovery.report(lost);
    expect(told).toEqual([{ type: 'targets', targets: [] }]);
  });

  it('hears nothing of a server that does not coordinate', () => {
    const { discovery, told } = discoveryOf(undefined);
    discovery.report(lost);
    expect(told).toEqual([]);
  });
});
