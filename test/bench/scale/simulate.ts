/**
 * One simulation: its surroundings, and what came of it.
 */
import { SeededRandom } from '../../simulation/seeded-random.js';
import { bottleneckOf } from './bottleneck.js';
import type { Bottleneck, Burdens } from './bottleneck.js';
import type { ClusterShape } from './cluster-shape.js';
import { OwnCores, SharedCores } from './cores.js';
import type { SharedCoresOptions } from './cores.js';
import type { Costs } from './costs.js';
import type { NetworkSpeed } from './network-interface.js';
import { SimulatedCluster } from './simulated-cluster.js';
import type { StepRecord } from './simulated-cluster.js';
import { Timeline } from './timeline.js';

/** What is simulated, and where. */
export interface SimulationOptions {
  readonly shape: ClusterShape;
  readonly costs: Costs;
  readonly network: NetworkSpeed;
  /** As connections take turns and as processes read. Bytes. */
  readonly chunkBytes: number;
  /** All processes on one machine; left out: a machine for each. */
  readonly sharedCores?: SharedCoresOptions | undefined;
  readonly seed: number;
}

/** What came of it; means over the steps after the first. */
export interface SimulationResult {
  readonly stepMs: number;
  /** Sent by all machines together, in a step. */
  readonly bytesPerStep: number;
  /** Work of server 0 and of a worker in a step, the mean of all workers. */
  readonly busyMs: { readonly server: number; readonly worker: number };
  readonly burdens: Burdens;
  readonly bottleneck: Bottleneck;
}

/** Simulates; the same options give the same result. */
export function simulate(options: SimulationOptions): SimulationResult {
  const { shape, costs, network, chunkBytes, sharedCores, seed } = options;
  const timeline = new Timeline();
  const cores = sharedCores
    ? new SharedCores(timeline, sharedCores)
    : new OwnCores(timeline);
  const around = { timeline, cores, network, chunkBytes };
  const random = new SeededRandom(seed, 0);
  const cluster = new SimulatedCluster({ shape, costs, random, around });
  cluster.run();
  return resultOf(cluster);
}

function resultOf(cluster: SimulatedCluster): SimulationResult {
  const { steps, workers, servers } = cluster;
  const counted = steps.slice(1);
  const firstEndMs = steps[0]?.endMs ?? NaN;
  const lastEndMs = steps.at(-1)?.endMs ?? NaN;
  const hosts = [...workers, ...servers].map(({ host }) => host);
  const bytes = hosts.reduce((sum, one) => sum + one.network.bytesSent, 0);
  const burdens = burdensOf(cluster, counted);
  const workersMs = workers.reduce((sum, one) => sum + one.host.loop.busyMs, 0);
  return {
    stepMs: (lastEndMs - firstEndMs) / counted.length,
    bytesPerStep: bytes / steps.length,
    busyMs: {
      server: (servers[0]?.host.loop.busyMs ?? NaN) / steps.length,
      worker: workersMs / workers.length / steps.length,
    },
    burdens,
    bottleneck: bottleneckOf(burdens),
  };
}

/** What each resource had to do in a step: the busiest of its kind. */
function burdensOf(
  { steps, workers, servers }: SimulatedCluster,
  counted: readonly StepRecord[],
): Burdens {
  const numSteps = steps.length;
  const most = (values: readonly number[]): number =>
    Math.max(...values) / numSteps;
  const meanOf = (of: (step: StepRecord) => number): number =>
    counted.reduce((sum, step) => sum + of(step), 0) / counted.length;
  const networkMs = ({ host }: SimulatedCluster['servers'][number]): number =>
    host.network.sendingMs + host.network.receivingMs;
  return {
    compute: meanOf((step) => step.meanComputeMs),
    straggler: meanOf((step) => step.maxComputeMs - step.meanComputeMs),
    'server NIC': most(servers.map(networkMs)),
    'server CPU': most(servers.map(({ host }) => host.loop.busyMs)),
    'worker NIC': most(
      workers.map(({ host: { network: n } }) => n.sendingMs + n.receivingMs),
    ),
  };
}
