/**
 * What `muster launch --print` shows: the exact commands, host by host, which
 * a person can paste into a shell, with what each reads on its standard input.
 */
import { workersAtStart } from './admission.js';
import type { Host } from './hosts.js';
import type { Order } from './orders.js';
import type { LaunchPlan } from './plan.js';
import { probeScript } from './probe.js';
import { shipCommands } from './ship.js';
import type { Command } from './ship.js';
import { sshWords } from './ssh.js';
import { SCRIPT_COMMAND, commandLine } from './words.js';

/** What stands for the token, which is made when a launch begins. */
const TOKEN = 'A-TOKEN-OF-ITS-OWN';
/** What stands for the address that the server tells when it listens. */
const URL_SHOWN = 'ws://ADDRESS:PORT';

/**
 * Gives the commands, without a line break at the end.
 * @param server the host of the servers, and its address.
 * @param files what is copied, paths below the root.
 */
export function printedPlan(
  plan: LaunchPlan,
  server: { readonly host: Host; readonly address: string },
  files: readonly string[],
): string {
  const hosts = plan.options.hosts;
  const blocks = [
    ...hosts.map((host) => checkBlock(plan, host)),
    ...(plan.options.isSynced
      ? hosts.flatMap((host) =>
          shipCommands(plan, host, files, true).map(commandBlock),
        )
      : []),
    ...hosts.map((host) => agentBlock(plan, host, server)),
  ];
  return blocks.join('\n\n');
}

function checkBlock(plan: LaunchPlan, host: Host): string {
  const { isSynced } = plan.options;
  const script = probeScript(plan.placeOf(host), isSynced);
  const words = commandLine(sshWords(host, plan.ssh, SCRIPT_COMMAND));
  return `# check ${host.name}\n${words} <<'EOF'\n${script}EOF`;
}

function commandBlock({ title, words, inputTitle }: Command): string {
  const input = inputTitle === '' ? [] : [`# standard input: ${inputTitle}`];
  return [`# ${title}`, ...input, commandLine(words)].join('\n');
}

/** As if every host were ready. */
function numWorkersOf({ options }: LaunchPlan, serverHost: Host): number {
  return workersAtStart(options.hosts, serverHost, options.maxHosts);
}

function agentBlock(
  plan: LaunchPlan,
  host: Host,
  server: { readonly host: Host; readonly address: string },
): string {
  const orders: Order[] = [
    plan.begin({ token: TOKEN }),
    ...(host === server.host
      ? [plan.server(server.address, numWorkersOf(plan, server.host))]
      : []),
    ...(host.slots > 0 ? [plan.workers(host, URL_SHOWN)] : []),
  ];
  const what = host === server.host ? 'servers and workers' : 'workers';
  return [
    `# start ${what} on ${host.name}; standard input, which stays open:`,
    ...orders.map((order) => `#   ${JSON.stringify(order)}`),
    commandLine(plan.agentWords(host)),
  ].join('\n');
}
