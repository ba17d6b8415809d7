import { hostname } from 'node:os';
import type { RunDefinition } from '@muster/protocol';
import { describe, expect, it } from 'vitest';
import { RunFolder } from '../run/run-folder.js';
import { RunView } from './run-view.js';

const definition = {
  ...{ runId: 'r1', epochs: 5, seed: 1 },
  dataset: { name: 'mnist', numTrain: 60_000 },
  model: { numParameters: 607_394 },
} as RunDefinition;

const LIMITS = {
  ...{ maxConnections: 1, maxConnectionsPerAddress: 1, maxFailedLogins: 1 },
  ...{ handshakeTimeoutMs: 1, minBytesPerSecond: 1 },
};

/** A view of a run, and the lines that it wrote. */
function open(
  numWorkers: number,
  tls?: { ca: string },
  metricsTokenFile?: string,
  metricsHosts?: string,
) {
  const lines: string[] = [];
  const output = { write: (text: string) => lines.push(text.trimEnd()) };
  const run = { folder: new RunFolder('runs/r1'), definition };
  const limits = { ...LIMITS, metricsTokenFile, metricsHosts };
  const access = { tokenFile: '/t', tls, access: limits };
  const view = new RunView(output, run, numWorkers, access);
  return { view, lines };
}

const listening = {
  type: 'listening',
  metricsUrl: 'http://127.0.0.1:9',
  version: 0,
} as const;

describe('RunView', () => {
  it('tells where the server is, and how to start workers', () => {
    const { view, lines } = open(0);
    view.report({ ...listening, url: 'ws://a:1' });
    expect(lines).toEqual([
      'run r1: 60,000 images of mnist, 607,394 parameters, 5 epochs, seed 1, workers from anywhere',
      'server at ws://a:1, metrics at http://127.0.0.1:9/metrics',
      'start workers with: npx muster worker --server ws://a:1 --token-file /t',
    ]);
  });

  it('tells where the standby is, and workers of both', () => {
    const { view, lines } = open(0);
    view.report({ ...listening, url: 'ws://a:1,ws://b:2', metricsUrl: null });
    expect(lines.slice(1)).toEqual([
      'server at ws://a:1, standby at ws://b:2',
      'start workers with: npx muster worker --server ws://a:1,ws://b:2 --token-file /t',
    ]);
  });

  it('tells where the live page is, and where its token, but no token', () => {
    const url = 'http://127.0.0.1:8/';
    const { view, lines } = open(2);
    view.report({ type: 'dashboard', url });
    const guarded = open(2, undefined, '/m');
    guarded.view.report({ type: 'dashboard', url });
    expect([lines.at(-1), guarded.lines.at(-1)]).toEqual([
      'dashboard at http://127.0.0.1:8/',
      'dashboard at http://127.0.0.1:8/#token=... (the token is in /m)',
    ]);
  });

  it('tells where a page is opened that is served on every address', () => {
    const { view, lines } = open(2, undefined, '/m', 'gpu.example,gpu');
    view.report({ type: 'dashboard', url: 'http://0.0.0.0:8/' });
    expect(lines.at(-1)).toBe(
      'dashboard at http://127.0.0.1:8/#token=... (the token is in /m), on other machines at http://gpu.example:8/',
    );
    const unnamed = open(2, undefined, '/m');
    unnamed.view.report({ type: 'dashboard', url: 'http://[::]:8/' });
    expect(unnamed.lines.at(-1)).toContain(
      `machines at http://${hostname()}:8`,
    );
  });

  it('tells workers what TLS needs, with a certificate of their own', () => {
    const { view, lines } = open(0, { ca: '/ca.crt' });
    view.report({ ...listening, url: 'wss://a:1' });
    expect(lines.at(-1)).toBe(
      'start workers with: npx muster worker --server wss://a:1 --token-file /t --tls-ca /ca.crt --tls-cert HOST.crt --tls-key HOST.key',
    );
  });

  it('tells once what came of the loss of a server', () => {
    const { view, lines } = open(2);
    view.report({ type: 'notice', text: 'standby-0 has taken over' });
    view.report({ type: 'promoted', url: 'ws://b:2' });
    view.report({ type: 'resumed', version: 40, from: 43, seconds: 0.314 });
    expect(lines.slice(1)).toEqual([
      'standby-0 has taken over',
      'training goes on from step 40 (was at 43), 0.31 s after the loss',
    ]);
  });
});
