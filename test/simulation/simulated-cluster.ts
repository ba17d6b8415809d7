/**
 * A whole cluster in one thread on virtual time: coordinator, shards,
 * standbys, workers, network, disks and faults, all drawn from one seed. The
 * brains are the real ones.
 */
import type { LedgerState, RunEnd, RunReport } from '@muster/cluster';
import { EventQueue } from './event-queue.js';
import { FaultInjector } from './fault-injector.js';
import { checkEnd } from './final-oracle.js';
import { Launcher } from './launcher.js';
import { Network } from './network.js';
import { Oracle, Violation } from './oracle.js';
import type { Sabotage } from './sabotage.js';
import type { Scenario } from './scenario.js';
import { SeededRandom } from './seeded-random.js';
import type { SimulatedServer } from './simulated-server.js';
import type { SimulatedWorker } from './simulated-worker.js';
import { describe } from './trace.js';
import type { Trace } from './trace.js';

/** How long a run may take after its last fault. Virtual milliseconds. */
const PROGRESS_MS = 360_000;
/** How long two servers may both lead one shard. Virtual milliseconds. */
const MAX_DOUBLE_MS = 30_000;
/** Packets that may be under way on one connection. */
const MAX_FLIGHT = 400;
/** Between a process's own end and its next life. Virtual milliseconds. */
const RESTART_MS = 300;

/** What a simulation came to. */
export interface SimulationResult {
  /** What was broken, if something was. */
  readonly violation: string | undefined;
  readonly virtualMs: number;
  readonly numEvents: number;
  readonly ledger: LedgerState | undefined;
  readonly reports: readonly RunReport[];
  /** How the coordinator ended. */
  readonly end: RunEnd | undefined;
}

/** Runs one scenario to its end, or to the first broken promise. */
export class SimulatedCluster {
  readonly launcher: Launcher;
  readonly queue: EventQueue;
  readonly network: Network;
  readonly injector: FaultInjector;
  readonly #scenario: Scenario;
  readonly #random: SeededRandom;
  readonly #oracle: Oracle;
  readonly #trace: Trace | undefined;
  readonly #sabotage: Sabotage;
  readonly #reports: RunReport[] = [];
  #winner: SimulatedServer | undefined;
  #end: RunEnd | undefined;
  #doubleSinceMs: number | undefined;

  /** @param sabotage a planted bug. */
  constructor(scenario: Scenario, trace?: Trace, sabotage: Sabotage = {}) {
    this.#sabotage = sabotage;
    this.#scenario = scenario;
    this.#trace = trace;
    this.#random = new SeededRandom(scenario.seed, 3);
    this.queue = new EventQueue(new SeededRandom(scenario.seed, 4));
    this.network = new Network(this.queue, new SeededRandom(scenario.seed, 5), {
      ...scenario.network,
      isShared: sabotage.sendsWithoutCopy === true,
    });
    this.#oracle = new Oracle(scenario);
    this.launcher = new Launcher(scenario, {
      queue: this.queue,
      random: this.#random,
      network: this.network,
      sabotage,
      watch: {
        handled: (server, event, effects) => {
          this.#tell(server.name, event, effects);
          this.#oracle.handled(server, event, effects);
        },
        reported: (server, report) => this.#reported(server, report),
        ended: (server, end) => this.#serverEnded(server, end),
        worker: {
          handled: (worker, event, effects) => {
            this.#tell(worker.name, event, effects);
            this.#oracle.workerHandled(worker, effects);
          },
          ended: (worker) => {
            this.#trace?.(this.queue.nowMs, worker.name, 'is gone');
            this.#workerEnded(worker);
          },
          disturbed: (worker) =>
            this.#oracle.fail(`${worker.name}'s parameters were changed`),
        },
      },
    });
    this.injector = new FaultInjector(
      this.queue,
      this.#random,
      this.network,
      this.launcher,
    );
  }

  /** Runs to the end. */
  run(): SimulationResult {
    let violation: string | undefined;
    let numEvents = 0;
    const undo = this.#sabotage.patch?.();
    try {
      this.launcher.start();
      this.injector.schedule(this.#scenario.faults);
      this.#watchLeaders();
      const limitMs = this.injector.overAtMs + PROGRESS_MS;
      while (this.#end === undefined && this.queue.next()) {
        numEvents++;
        if (this.queue.nowMs > limitMs) {
          this.#oracle.fail(
            `the run had not ended ${PROGRESS_MS / 1000} s after its last fault`,
          );
        }
      }
      this.#checkEnd();
    } catch (error) {
      violation = `${Math.round(this.queue.nowMs)} ms: ${messageOf(error)}`;
    } finally {
      undo?.();
    }
    return {
      ...{ violation, numEvents, end: this.#end, reports: this.#reports },
      virtualMs: this.queue.nowMs,
      ledger: this.#winner?.machine.ledger,
    };
  }

  #tell(who: string, ...happened: Parameters<typeof describe>): void {
    if (!this.#trace) return;
    const what = describe(...happened);
    if (what !== undefined) this.#trace(this.queue.nowMs, who, what);
  }

  #checkEnd(): void {
    if (this.network.longest > MAX_FLIGHT) {
      this.#oracle.fail(
        `${this.network.longest} packets were under way on one connection`,
      );
    }
    const winner = this.#winner;
    const end = this.#end;
    if (!winner || !end) return this.#oracle.fail('the run just stopped');
    const problem = checkEnd({
      scenario: this.#scenario,
      launcher: this.launcher,
      ...{ winner, end, reports: this.#reports },
      mayBeDamaged: this.injector.hasDamaged,
    });
    if (problem !== undefined) this.#oracle.fail(problem);
  }

  #reported(server: SimulatedServer, report: RunReport): void {
    this.#reports.push(report);
    if (report.type === 'took-over') this.launcher.tookOver(server);
  }

  #serverEnded(server: SimulatedServer, end: RunEnd): void {
    this.#trace?.(this.queue.nowMs, server.name, `is gone: ${end.outcome}`);
    const isCoordinator = server.machine.coordinator !== undefined;
    const { outcome } = end;
    if (isCoordinator && (outcome === 'finished' || outcome === 'failed')) {
      this.#winner = server;
      this.#end = end;
      this.launcher.end();
      return;
    }
    if (isCoordinator && outcome === 'drained') {
      this.launcher.restartAll(RESTART_MS);
      return;
    }
    if (outcome === 'finished') this.launcher.finished(server);
    else this.launcher.lost(server, RESTART_MS);
  }

  #workerEnded(worker: SimulatedWorker): void {
    // of no use: it is not started again
    if (worker.isPoisoned) this.launcher.dismiss(worker);
    this.launcher.lostWorker(worker, RESTART_MS);
  }

  /** Two that both lead a shard, and can reach each other, must not last. */
  #watchLeaders(): void {
    const leaders = new Map<number, SimulatedServer>();
    let isDouble = false;
    for (const server of this.launcher.servers) {
      if (server.machine.role !== 'primary' || server.isPaused) continue;
      const rival = leaders.get(server.shard);
      leaders.set(server.shard, server);
      if (!rival || this.network.areApart(rival.name, server.name)) continue;
      isDouble = true;
    }
    const { nowMs } = this.queue;
    if (!isDouble) this.#doubleSinceMs = undefined;
    else this.#doubleSinceMs ??= nowMs;
    if (nowMs - (this.#doubleSinceMs ?? nowMs) > MAX_DOUBLE_MS) {
      this.#oracle.fail('two servers have led one shard for too long');
    }
    this.queue.after(1000, () => this.#watchLeaders());
  }
}

function messageOf(error: unknown): string {
  if (error instanceof Violation) return error.message;
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}
