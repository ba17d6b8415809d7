/**
 * `muster launch -H a:1,b:2 -- train ...`: the same training, on the hosts.
 */
import { MusterError } from '@muster/protocol';
import { addressOf, requireReachable } from '../launch/addresses.js';
import { admit } from '../launch/admission.js';
import type { Admission } from '../launch/admission.js';
import { checkTable } from '../launch/check-host.js';
import type { HostCheck } from '../launch/check-host.js';
import type { Fleet, FleetEnd } from '../launch/fleet.js';
import { HostCertificates } from '../launch/host-certificates.js';
import type { Host } from '../launch/hosts.js';
import { readLaunchOptions } from '../launch/launch-options.js';
import { createLaunchFleet } from '../launch/launch-fleet.js';
import { LaunchView } from '../launch/launch-view.js';
import { LaunchPlan } from '../launch/plan.js';
import { checkFor, ownProgram, shipTo } from '../launch/prepare-host.js';
import type { Program } from '../launch/prepare-host.js';
import { printedPlan } from '../launch/print-plan.js';
import { RunTransfer } from '../launch/run-transfer.js';
import { TargetsFile } from '../launch/targets-file.js';
import { requireLaunchable, trainFlags } from '../launch/train-words.js';
import { formatSummary } from '../view/summary.js';
import { print, printJson, settingsFor } from './context.js';
import type { Context } from './context.js';
import { reportAtEnd } from './report-at-end.js';
import { StopSignals } from './stop-signals.js';
import { launchToken } from './token-files.js';

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
  readonly #transfer: RunTransfer;

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
    this.#transfer = new RunTransfer(plan);
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
      await this.#transfer.send(serverHost, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #train(
    admission: Admission,
    address: string,
    program: Program,
  ): Promise<FleetEnd> {
    const plan = this.#plan;
    const token = await launchToken(plan.settings.tokenFile);
    const targets = await this.#beginTargets(address);
    const fleet = createLaunchFleet({
      ...{ plan, view: this.#view, admission, address, program },
      ...{ certificates: this.#certificates, transfer: this.#transfer },
      ...{ token, targets },
    });
    try {
      return await this.#follow(fleet, admission.serverHost);
    } finally {
      await targets?.end();
    }
  }

  /** Starts a fleet, hands signals on to it, and waits for its end. */
  async #follow(fleet: Fleet, serverHost: Host): Promise<FleetEnd> {
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
      const fetched = this.#transfer.fetch(serverHost, fleet.folder);
      await fetched.catch(() => undefined);
      throw error;
    } finally {
      signal.removeEventListener('abort', drain);
      await fleet.close();
      force.removeEventListener('abort', kill);
    }
  }

  async #beginTargets(address: string): Promise<TargetsFile | undefined> {
    const { prometheusTargets: path } = this.#plan.options;
    if (path === undefined) return undefined;
    const onNote = (text: string) => this.#view.note(text);
    return TargetsFile.begin({ path, address, onNote });
  }

  async #finish(host: Host, { code, folder }: FleetEnd): Promise<number> {
    const run = await this.#transfer.fetch(host, folder);
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
}
