/**
 * Many workers that do not compute, in one process: the real brain and the
 * real connections, and a gradient of zeros at once. So a real server can be
 * asked what many workers cost it. `idle-workers.js URL NUMBER TOKEN-FILE`,
 * the address that of server 0; ends with the first connection that ends.
 */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { Schedule, WorkerMachine } from '@muster/cluster';
import type { WorkerEffect, WorkerEvent } from '@muster/cluster';
import type { RunDefinition, Task } from '@muster/protocol';
import { dialWithBackoff } from '@muster/transport';
import type { Connection } from '@muster/transport';

const TICK_MS = 200;
const GIVE_UP_MS = 30_000;
const MAX_PAYLOAD_BYTES = 2 ** 28;

/** One of them. */
class IdleWorker {
  readonly #url: string;
  readonly #token: string;
  readonly #machine: WorkerMachine;
  readonly #connections: (Connection | undefined)[] = [];
  #schedule: Schedule | undefined;
  #length = 0;

  constructor(url: string, token: string, name: number) {
    this.#url = url;
    this.#token = token;
    const numerics = '0'.repeat(64);
    const workerId = `idle-${name}`;
    this.#machine = new WorkerMachine({
      ...{ workerId, numerics, backend: 'tensorflow' },
    });
  }

  start(): void {
    this.#apply(this.#machine.start(performance.now()));
    setInterval(() => this.#handle({ type: 'tick' }), TICK_MS);
  }

  #handle(event: WorkerEvent): void {
    this.#apply(this.#machine.handle(event, performance.now()));
  }

  #apply(effects: readonly WorkerEffect[]): void {
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: WorkerEffect): void {
    switch (effect.type) {
      case 'send':
        return this.#connections[effect.link]?.send(effect.packet);
      case 'dial':
        return void this.#dial(effect.link, effect.urls[0] ?? this.#url);
      case 'prepare':
        return this.#prepare(effect.definition);
      case 'compute':
        return void setImmediate(() => this.#compute(effect.task));
      case 'terminate':
        return this.#connections[effect.link]?.terminate();
      default:
        return;
    }
  }

  async #dial(link: number, url: string): Promise<void> {
    this.#connections[link] = await dialWithBackoff({
      ...{ urls: [url], token: this.#token },
      maxPayloadBytes: MAX_PAYLOAD_BYTES,
      // the server may not be there yet
      ...{ giveUpAfterMs: GIVE_UP_MS, random: Math.random },
      handlers: {
        onPacket: (packet) => this.#handle({ type: 'packet', link, packet }),
        onClosed: () => process.exit(0),
      },
    });
    this.#handle({ type: 'connected', link });
  }

  #prepare(definition: Uint8Array): void {
    const text = new TextDecoder().decode(definition);
    const run = JSON.parse(text) as RunDefinition;
    this.#schedule = new Schedule(run);
    this.#length = run.model.numParameters;
    const numParameters = this.#length;
    const traits = { numParameters, isOnArrival: false, wire: run.wire };
    this.#handle({ type: 'prepared', ...traits });
  }

  #compute(task: Task): void {
    const { taskId } = task;
    const sums = { lossSum: 0, correct: 0 };
    if (task.kind === 'evaluate') {
      const result = { count: task.end - task.begin, ...sums, mistakes: [] };
      return this.#handle({ type: 'evaluated', taskId, result });
    }
    const { step, firstLeaf, numLeaves } = task;
    const count = this.#schedule?.countOf(step, firstLeaf, numLeaves) ?? 0;
    const gradient = new Float32Array(this.#length);
    const phases = { data: 0, compute: 0, encode: 0, push: 0 };
    const result = { gradient, count, ...sums, phases };
    this.#handle({ type: 'computed', taskId, result });
  }
}

const [url = '', numWorkers, tokenFile = ''] = process.argv.slice(2);
const token = readFileSync(tokenFile, 'utf8').trim();
for (let name = 0; name < Number(numWorkers); name++) {
  new IdleWorker(url, token, name).start();
}
