/**
 * A container that runs, and what a test does to it and reads of it.
 */
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../cluster/eventually.js';
import type { Exit } from '../cluster/muster-process.js';
import { timeOf } from '../cluster/run-files.js';
import type { Line } from '../cluster/run-files.js';
import { demultiplex, jsonLines } from './container-output.js';
import { unlessGone } from './engine.js';
import type { Engine, Inspection } from './engine.js';

/** Port of `/metrics` in every container of a run. */
export const METRICS_PORT = 9464;
/** The last lines of a container, in an error. */
const SHOWN_LINES = 12;
/** Each look costs the engine something. Milliseconds. */
const POLL_MS = 50;

/** Where a container is attached, and by which names. */
export interface Attachment {
  readonly network: string;
  readonly aliases: readonly string[];
}

/** Disposing of it removes the container, whatever its state. */
export class LiveContainer implements AsyncDisposable {
  readonly id: string;
  /** The first name by which others find it. */
  readonly name: string;
  readonly #engine: Engine;
  readonly #attachment: Attachment;

  constructor(engine: Engine, id: string, attachment: Attachment) {
    this.#engine = engine;
    this.id = id;
    this.#attachment = attachment;
    this.name = attachment.aliases[0] ?? id;
  }

  // ---- what it says -------------------------------------------------------

  inspect(): Promise<Inspection> {
    return this.#container.inspect();
  }

  /** All that it has said so far, over all its lives. */
  async output(): Promise<{ stdout: string; stderr: string }> {
    const all = { follow: false, stdout: true, stderr: true } as const;
    return demultiplex(await this.#container.logs(all));
  }

  /** Its log so far. */
  async lines(): Promise<Line[]> {
    return jsonLines((await this.output()).stderr);
  }

  /** Waits for a line in its log that holds this event and these fields. */
  event(event: string, fields: Line = {}, sinceMs = 0): Promise<Line> {
    const wanted = Object.entries({ ...fields, event });
    const isIt = (line: Line) =>
      timeOf(line) >= sinceMs &&
      wanted.every(([key, value]) => line[key] === value);
    return this.logged(`${event} ${JSON.stringify(fields)}`, isIt);
  }

  /** Waits for a line in its log, for as long as it may still come. */
  async logged(what: string, isIt: (line: Line) => boolean): Promise<Line> {
    return this.waitFor(what, async () => {
      const { State: state } = await this.inspect();
      const line = (await this.lines()).find(isIt);
      if (line === undefined && !state.Running && !state.Restarting) {
        throw new Error(`it has ended with ${state.ExitCode}`);
      }
      return line;
    });
  }

  /** Polls, and says on failure what the container said. */
  async waitFor<T>(
    what: string,
    probe: () => Promise<T | undefined | false>,
    deadlineMs?: number,
  ): Promise<T> {
    const seldom = async () => {
      await pause(POLL_MS);
      return probe();
    };
    try {
      return await eventually(what, seldom, deadlineMs);
    } catch (error) {
      const { stdout, stderr } = await this.output();
      const last = (stdout + stderr).split('\n').slice(-SHOWN_LINES);
      const message = `${this.name}: no ${what}\n${last.join('\n')}`;
      throw new Error(message, { cause: error });
    }
  }

  /** Waits until it has ended. */
  async exit(deadlineMs = 180_000): Promise<Exit> {
    const code = await this.waitFor(
      'the end',
      async () => {
        const { State: state } = await this.inspect();
        return !state.Running && !state.Restarting && { value: state.ExitCode };
      },
      deadlineMs,
    );
    return { code: code.value, signal: null, ...(await this.output()) };
  }

  /** `http://host:port` of a published port. It changes with a restart. */
  async url(port: number): Promise<string> {
    const { NetworkSettings: settings } = await this.inspect();
    const [binding] = settings.Ports[`${port}/tcp`] ?? [];
    if (!binding) throw new Error(`${this.name} does not publish ${port}`);
    return `http://127.0.0.1:${binding.HostPort}`;
  }

  /** The value of a series of its `/metrics`; 0 when there is none yet. */
  async metric(series: string): Promise<number> {
    const response = await fetch(`${await this.url(METRICS_PORT)}/metrics`);
    const lines = (await response.text()).split('\n');
    const line = lines.find((one) => one.startsWith(`${series} `));
    return Number(line?.slice(series.length) ?? 0);
  }

  /** Whether its memory ran out since then. Epoch milliseconds. */
  async outOfMemory(sinceMs: number): Promise<boolean> {
    const events = await this.#engine.getEvents({
      since: Math.floor(sinceMs / 1000),
      until: Math.ceil(Date.now() / 1000),
      filters: { container: [this.id], event: ['oom'] },
    });
    return (await text(events)) !== '';
  }

  /** The bytes of a file or a folder, as a tar archive. */
  archive(path: string): Promise<NodeJS.ReadableStream> {
    return this.#container.getArchive({ path });
  }

  /** How often its share of the processor was used up. */
  async throttledPeriods(): Promise<number> {
    const { cpu_stats: cpu } = await this.#container.stats({ stream: false });
    return cpu.throttling_data.throttled_periods;
  }

  // ---- what is done to it -------------------------------------------------

  /** Ends it as a power cut would. @returns the moment before, epoch ms. */
  async kill(): Promise<number> {
    const nowMs = Date.now();
    await this.#container.kill({ signal: 'SIGKILL' });
    return nowMs;
  }

  /** `docker stop`: SIGTERM, and SIGKILL half a minute later. */
  async stop(): Promise<void> {
    await this.#container.stop({ t: 30 });
  }

  /** Starts it again after its end, with its volumes. */
  async start(): Promise<void> {
    await this.#container.start();
  }

  /** Freezes all its processes. */
  async pause(): Promise<void> {
    await this.#container.pause();
  }

  /** @returns the moment at which it goes on, epoch ms. */
  async unpause(): Promise<number> {
    const nowMs = Date.now();
    await this.#container.unpause();
    return nowMs;
  }

  /** Takes it off its network: its packets go nowhere. */
  async detach(): Promise<void> {
    const network = this.#engine.getNetwork(this.#attachment.network);
    await network.disconnect({ Container: this.id });
  }

  /** Puts it back, with its names. @returns that moment, epoch ms. */
  async attach(): Promise<number> {
    const nowMs = Date.now();
    const network = this.#engine.getNetwork(this.#attachment.network);
    const aliases = [...this.#attachment.aliases];
    await network.connect({
      Container: this.id,
      EndpointConfig: { Aliases: aliases },
    });
    return nowMs;
  }

  /** Limits it to a share of one core. */
  async limitCpus(cpus: number): Promise<void> {
    await this.#container.update({ NanoCpus: Math.round(cpus * 1e9) });
  }

  /** Starts a command in it and does not wait for its end. */
  async begin(command: readonly string[]): Promise<void> {
    const exec = await this.#container.exec({ Cmd: [...command] });
    await exec.start({ Detach: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await unlessGone(this.#container.remove({ force: true, v: true }));
  }

  get #container() {
    return this.#engine.getContainer(this.id);
  }
}
