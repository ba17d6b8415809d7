/**
 * What the coordinator's brain costs: the real one with scripted workers and
 * one other server, and a single parameter a server, so that it is all there
 * is. Its cost for a push depends on how many workers there are.
 */
import { EMPTY_LEDGER, ServerMachine } from '@muster/cluster';
import type { ServerEvent } from '@muster/cluster';
import { PROTOCOL_VERSION, runFingerprint } from '@muster/protocol';
import type { GradientTask, Message, RunDefinition } from '@muster/protocol';
import { runOf } from './brain-run.js';
import { pushOf, receivedOf } from './packets.js';

/** The first of them has been given out before all workers were there. */
const WARM_UP = 2;
/** Pushes to measure, and steps at least. */
const PUSHES = 512;
const FEWEST_STEPS = 2;
const OTHER_SERVER = 1_000_000;
const RANGES = [
  { begin: 0, end: 1 },
  { begin: 1, end: 2 },
];
/** Virtual milliseconds that a task takes, and between two pushes. */
const TASK_MS = 60;
const BETWEEN_MS = 0.01;

/** A coordinator and whoever talks to it. */
class ScriptedCoordinator {
  readonly #machine: ServerMachine;
  readonly #run: RunDefinition;
  /** By connection. */
  readonly #tasks = new Map<number, GradientTask>();
  #nowMs = 0;

  constructor(numWorkers: number, steps: number) {
    this.#run = runOf(numWorkers, { steps, parameters: 2 });
    this.#machine = new ServerMachine(this.#run, {
      ...{ shard: 0, ranges: RANGES, role: 'primary', term: 1 },
      ...{ leaseMs: 60_000, heartbeatMs: 1000, stragglerFactor: 2 },
      checkpointEverySteps: 0,
    });
    this.#machine.start('ws://0', [0], 0);
    this.#addServer();
    for (let i = 0; i < numWorkers; i++) this.#addWorker(i);
  }

  /** One step of all workers. */
  step(): void {
    const tasks = [...this.#tasks];
    this.#tasks.clear();
    this.#nowMs += TASK_MS;
    tasks.forEach(([connection, task], i) => {
      this.#nowMs += BETWEEN_MS;
      this.#push(connection, task);
      this.#heardElsewhere(connection, task, i === tasks.length - 1);
    });
  }

  #push(connection: number, task: GradientTask): void {
    const { message, payload } = pushOf(new Float32Array(1));
    const { taskId, step, firstLeaf, numLeaves, base } = task;
    const leaves = { taskId, step, firstLeaf, numLeaves, count: numLeaves };
    const term = this.#machine.term;
    this.#hear(
      connection,
      { ...message, ...leaves, bases: [base, base], term },
      payload,
    );
  }

  #heardElsewhere(worker: number, task: GradientTask, isLast: boolean): void {
    const { taskId, step, firstLeaf, numLeaves, base } = task;
    const leaves = { taskId, step, firstLeaf, numLeaves, count: numLeaves };
    const version = base + (isLast ? 1 : 0);
    const workerId = `w${worker}`;
    this.#hear(OTHER_SERVER, receivedOf({ ...leaves, workerId, version }));
  }

  #addServer(): void {
    const run = runFingerprint(this.#run);
    this.#handle({ type: 'connected', connection: OTHER_SERVER });
    this.#hear(OTHER_SERVER, {
      ...{ type: 'shard-join', protocol: PROTOCOL_VERSION, run },
      ...{ shard: 1, numShards: 2, begin: 1, end: 2, url: 'ws://1' },
      ...{ role: 'primary', term: 1, checkpoints: [0] },
    });
    const parameters = new Float32Array(1);
    const slots = { m: new Float32Array(1), v: new Float32Array(1) };
    const ledger = EMPTY_LEDGER;
    this.#handle({ type: 'restored', version: 0, parameters, slots, ledger });
    const { term } = this.#machine;
    this.#hear(OTHER_SERVER, { type: 'restored', version: 0, term });
  }

  #addWorker(connection: number): void {
    const workerId = `w${connection}`;
    this.#handle({ type: 'connected', connection });
    this.#hear(connection, {
      ...{ type: 'join', protocol: PROTOCOL_VERSION, workerId },
      ...{ numerics: 'c'.repeat(64), backend: 'tensorflow' },
    });
    this.#hear(connection, {
      type: 'subscribe',
      workerId,
      incarnation: 2 ** 40,
    });
  }

  #hear(connection: number, message: Message, payload?: Uint8Array): void {
    const packet = payload ? { message, payload } : { message };
    this.#handle({ type: 'packet', connection, packet });
  }

  #handle(event: ServerEvent): void {
    for (const effect of this.#machine.handle(event, this.#nowMs)) {
      if (effect.type !== 'send') continue;
      const { message } = effect.packet;
      if (message.type !== 'assign' || message.task.kind !== 'gradient')
        continue;
      this.#tasks.set(effect.connection, message.task);
    }
  }
}

/**
 * Milliseconds of processor time that the brain takes for one server's word
 * on one push.
 */
export function accountMsOf(numWorkers: number): number {
  warmUp();
  return measure(numWorkers);
}

function measure(numWorkers: number): number {
  const steps = Math.max(FEWEST_STEPS, Math.ceil(PUSHES / numWorkers));
  const coordinator = new ScriptedCoordinator(numWorkers, WARM_UP + steps + 1);
  for (let i = 0; i < WARM_UP; i++) coordinator.step();
  const before = process.cpuUsage();
  for (let i = 0; i < steps; i++) coordinator.step();
  const { user, system } = process.cpuUsage(before);
  // each push is one on each of both servers
  return (user + system) / 1000 / (2 * steps * numWorkers);
}

let isWarm = false;

/** The first coordinators of a process are slow: nothing is compiled yet. */
function warmUp(): void {
  if (isWarm) return;
  isWarm = true;
  for (let i = 0; i < 12; i++) measure(16);
}
