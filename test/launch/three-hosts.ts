/**
 * Three hosts on this machine, for people who try `muster launch`: network
 * namespaces at one switch, each with a real sshd. Started by root:
 *
 *     node test/dist/launch/three-hosts.js
 *
 * It says how to use them, and takes them away when it is ended by Ctrl-C.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingNamespaces } from './missing.js';
import { LAUNCHER, Network } from './network.js';
import { SshHosts } from './ssh-hosts.js';

const HOSTS = ['a', 'b', 'c'];

async function main(): Promise<number> {
  const missing = missingNamespaces();
  if (missing !== undefined) {
    console.error(`three-hosts: ${missing}`);
    return 1;
  }
  const ended = Promise.race([
    once(process, 'SIGINT'),
    once(process, 'SIGTERM'),
  ]);
  const folder = await mkdtemp(join(tmpdir(), 'muster-hosts-'));
  using network = Network.create(HOSTS, 'three');
  await using ssh = await SshHosts.create(network, HOSTS, folder);
  for (const host of HOSTS) await ssh.start(host);
  const on = network.on(LAUNCHER).join(' ');
  console.log(
    [
      'hosts a, b and c are there; launch on them by',
      `  ${on} npx muster launch --ssh-config ${ssh.config} -H a:1,b:2,c:1 -- train`,
      'a process of host b is ended by',
      `  kill $(ip netns pids ${network.on('b').at(-1)})`,
      'Ctrl-C takes the hosts away',
    ].join('\n'),
  );
  await ended;
  await rm(folder, { recursive: true });
  return 0;
}

process.exitCode = await main();
