/**
 * `muster launch -H a:1,b:2 -- train ...`: the same training, on the hosts.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MusterError } from '@muster/protocol';
import type { ServerReport } from '@muster/protocol';
import {
  addressOf,
  reachableUrls,
  requireReachable,
} from '../launch/addresses.js';
import { admit, workersAtStart } from '../launch/admission.js';
import type { Admission } from '../launch/admission.js';
import { checkTable } from '../launch/check-host.js';
import type { HostCheck } from '../launch/check-host.js';
import { Fleet } from '../launch/fleet.js';
import type { FleetEnd } from '../launch/fleet.js';
import { HostCertificates } from '../launch/host-certificates.js';
import type { Host } from '../launch/hosts.js';
import { readLaunchOptions } from '../launch/launch-options.js';
import { LaunchLog } from '../launch/launch-log.js';
import { LaunchView } from '../launch/launch-view.js';
import { LaunchPlan } from '../launch/plan.js';
import {
  checkFor,
  ownProgram,
  prepareLater,
  shipTo,
} from '../launch/prepare-host.js';
import type { Program } from '../launch/prepare-host.js';
import { pageWords } from '../launch/page-words.js';
import { printedPlan } from '../launch/print-plan.js';
import { RemoteAgent } from '../launch/remote-agent.js';
import {
  fetchRunCommand,
  runCommands,
  sendRunCommand,
} from '../launch/ship.js';
import { TargetsFile } from '../launch/targets-file.js';
import { requireLaunchable, trainFlags } from '../launch/train-words.js';
import { RunFolder, findRun } from '../run/run-folder.js';
import { formatSummary } from '../view/summary.js';
import { print, printJson, settingsFor } from './context.js';
import type { Context } from './context.js';
import { reportAtEnd } from './report-at-end.js';
import { StopSignals } from './stop-signals.js';

/** Failures within so long beyond the time of silence have one cause. */
const CAUSE_MS = 5000;

/**
 * Runs the command; gives its exit code.
 * @param words those after `--`.
 */
export async function launchCommand(
  flags: Readonly<Record<string, unknown>>,
  words: readonly string[],
  context: Context,
): Promise<number> {
  const options = readLaunchOptions(flags);
  const settings = settingsFor('train', trainFlags(words), context);
  requireLaunchable(settings, options.certs);
  const plan = new LaunchPlan(options, settings);
  if (options.isPrinted) return printPlan(plan, context);
  const people = settings.json ? context.stderr : context.stdout;
  const view = new LaunchView(people);
  using stop = new StopSignals((signal) =>
    view.note(`${signal}: stopping after a checkpoint (again to stop at once)`),
  );
  try {
    // the signals are listened to until it has ended
    return await new Launch(plan, view, context, stop).run();
  } finally {
    view.close();
  }
}

async function printPlan(plan: LaunchPlan, context: Context): Promise<number> {
  const host = serverHostOf(plan);
  const address = await addressOf(host, plan.ssh);
  const { files } = await ownProgram(plan.options.isSynced);
  print(context.stdout, printedPlan(plan, { host, address }, files));
  return 0;
}

/** The one that was asked for, or the first of the list. */
function serverHostOf({ options }: LaunchPlan): Host {
  const { hosts, serverHost } = options;
  const found = hosts.find(({ name }) => name === (serverHost ?? name));
  if (found !== undefined) return found;
  throw new MusterError('ERR_INTERNAL', 'there is no host of the servers');
}

/** One launch, from the checks to the run's folder. */
class Launch {
  readonly #plan: LaunchPlan;
  readonly #view: LaunchView;
  readonly #context: Context;
  readonly #stop: StopSignals;
  readonly #certificates: HostCertificates;
  #targets: TargetsFile | undefined;

  constructor(
    plan: LaunchPlan,
    view: LaunchView,
    context: Context,
    stop: StopSignals,
  ) {
    this.#plan = plan;
    this.#view = view;
    this.#context = context;
    this.#stop = stop;
    const { certs, hosts } = plan.options;
    this.#certificates = new HostCertificates(certs, hosts);
  }

  async run(): Promise<number> {
    const { options } = this.#plan;
    const program = await ownProgram(options.isSynced);
    const checks = await this.#check(program);
    if (this.#stop.signal.aborted) return this.#stop.exitCode;
    const admission = admit(checks, options);
    const address = await addressOf(admission.serverHost, this.#plan.ssh);
    requireReachable(admission.serverHost, address, options.hosts);
    await this.#ship(admission, program);
    if (this.#stop.signal.aborted) return this.#stop.exitCode;
    const end = await this.#train(admission, address, program);
    return this.#finish(admission.serverHost, end);
  }

  async #check(program: Program): Promise<HostCheck[]> {
    const { hosts } = this.#plan.options;
    const checks = await Promise.all(
      hosts.map((host) =>
        checkFor(this.#plan, host, program, this.#stop.signal),
      ),
    );
    this.#view.note(checkTable(checks));
    return checks;
  }

  /** What is stopped by a signal is no failure. */
  async #ship(admission: Admission, program: Program): Promise<void> {
    const { ready, serverHost } = admission;
    if (!this.#plan.options.isSynced) return;
    const megabytes = Math.round(program.bytes / 1e6);
    const whereto = ready.map(({ host }) => host.name).join(', ');
    this.#view.note(`copying what is new of ${megabytes} MB to ${whereto}`);
    const { signal } = this.#stop;
    try {
      await Promise.all(
        ready.map((check) => shipTo(this.#plan, check, program, signal)),
      );
      await this.#sendRun(serverHost);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** A run that goes on is brought to its servers, unless it lies there only. */
  async #sendRun(host: Host): Promise<void> {
    const { settings, options } = this.#plan;
    const { resume, out } = settings;
    if (resume === undefined || resume === 'auto' || !options.isSynced) return;
    const run = await findRun(resume, out).catch(() => undefined);
    if (run === undefined) return;
    const command = sendRunCommand(this.#plan, host, run.path, run.name);
    await runCommands([command], this.#stop.signal);
  }

  async #train(
    admission: Admission,
    address: string,
    program: Program,
  ): Promise<FleetEnd> {
    const fleet = this.#fleetOf(
      admission,
      address,
      program,
      await this.#token(),
    );
    this.#targets = await this.#beginTargets(address);
    const { signal, force } = this.#stop;
    const drain = () =>
      fleet.drain(this.#stop.exitCode === 130 ? 'SIGINT' : 'SIGTERM');
    const kill = () => void fleet.close(true);
    signal.addEventListener('abort', drain);
    force.addEventListener('abort', kill);
    try {
      fleet.start();
      if (signal.aborted) drain();
      return await fleet.ended;
    } catch (error) {
      await fleet.close();
      await this.#fetch(admission.serverHost, fleet.folder).catch(
        () => undefined,
      );
      throw error;
    } finally {
      signal.removeEventListener('abort', drain);
      await fleet.close();
      force.removeEventListener('abort', kill);
      await this.#targets?.end();
    }
  }

  async #beginTargets(address: string): Promise<TargetsFile | undefined> {
    const { prometheusTargets: path } = this.#plan.options;
    if (path === undefined) return undefined;
    const onNote = (text: string) => this.#view.note(text);
    return TargetsFile.begin({ path, address, onNote });
  }

  #report(host: Host, report: ServerReport, address: string): void {
    if (report.type === 'targets') this.#targets?.write(report.targets);
    if (report.type === 'dashboard') {
      const { ssh, settings } = this.#plan;
      const words = pageWords(report.url, { host, address, ssh, settings });
      this.#view.line(host.name, 'server', words);
    }
    this.#view.report(host.name, report);
  }

  #fleetOf(
    admission: Admission,
    address: string,
    program: Program,
    token: string,
  ): Fleet {
    const plan = this.#plan;
    const view = this.#view;
    const { hostTimeoutMs, maxHosts, isElastic } = plan.options;
    const ready = admission.ready.map(({ host }) => host);
    const numWorkers = workersAtStart(ready, admission.serverHost, maxHosts);
    const certificates = this.#certificates;
    const log = new LaunchLog((text) => view.note(text));
    return new Fleet({
      ...admission,
      ...{ ready, maxHosts, isElastic },
      sameCauseMs: hostTimeoutMs + CAUSE_MS,
      orders: {
        begin: (host) =>
          plan.begin({
            token,
            ...certificates.of(host, host === admission.serverHost),
          }),
        server: plan.server(address, numWorkers),
        workers: (host, url) => plan.workers(host, url),
        reachable: (url) => reachableUrls(url, address),
      },
      edges: {
        connect: (host, hear) =>
          RemoteAgent.start({
            words: plan.agentWords(host),
            timeoutMs: hostTimeoutMs,
            heartbeatMs: plan.heartbeatMs,
            ...hear,
          }),
        prepare: (host, signal) =>
          prepareLater(plan, host, program, signal, (text) => view.note(text)),
        onLine: (host, process, text) => {
          view.line(host.name, process, text);
          if (process !== undefined) log.line(host.name, process, text);
        },
        onStarted: (host, process, pid) => {
          view.line(host.name, process, `started, process ${pid}`);
          log.launched(host.name, process, pid);
        },
        onNote: (text, isBad) => {
          view.note(text);
          log.note(isBad ? 'warn' : 'info', text);
        },
        onRun: ({ folder }) => log.begin(this.#folderHere(folder)),
        onReport: (host, report) => this.#report(host, report, address),
      },
    });
  }

  /** The token that was given, or one for this run. */
  async #token(): Promise<string> {
    const { tokenFile } = this.#plan.settings;
    if (tokenFile === undefined) return randomBytes(32).toString('base64url');
    try {
      return (await readFile(tokenFile, 'utf8')).trim();
    } catch (cause) {
      const message = `the token file ${tokenFile} cannot be read (--token-file)`;
      throw new MusterError('ERR_CONFIG', message, { cause });
    }
  }

  async #finish(host: Host, { code, folder }: FleetEnd): Promise<number> {
    const run = await this.#fetch(host, folder);
    this.#view.close();
    const { settings, options } = this.#plan;
    const summary = await run?.readSummary();
    if (run === undefined || summary === undefined) return code;
    const { stdout } = this.#context;
    if (settings.json) printJson(stdout, summary);
    else {
      const workers = options.hosts.reduce((sum, { slots }) => sum + slots, 0);
      print(stdout, formatSummary({ ...summary, workers }, run.path));
    }
    const people = settings.json ? this.#context.stderr : stdout;
    await reportAtEnd(run, settings, people, this.#stop.signal);
    return code;
  }

  /** Where a run of the servers' host lies, or will lie, on this machine. */
  #folderHere(folder: string): string {
    const name = folder.slice(folder.lastIndexOf('/') + 1);
    return join(this.#plan.settings.out, name);
  }

  /** Brings the run's folder back, unless this machine shares it. */
  async #fetch(
    host: Host,
    folder: string | undefined,
  ): Promise<RunFolder | undefined> {
    if (folder === undefined) return undefined;
    const here = new RunFolder(this.#folderHere(folder));
    if (!existsSync(here.definition) || this.#plan.options.isSynced) {
      await runCommands([fetchRunCommand(this.#plan, host, folder, here.path)]);
    }
    return here;
  }
}
