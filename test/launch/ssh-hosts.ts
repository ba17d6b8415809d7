/**
 * A real sshd on each host of a network, with keys and a configuration of its
 * own: the machine's own ssh is neither read nor changed.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../cluster/eventually.js';
import { SSHD } from './missing.js';
import type { Network } from './network.js';

/** See the head of this file. */
export class SshHosts implements AsyncDisposable {
  readonly #network: Network;
  readonly #folder: string;
  readonly #servers = new Map<string, ChildProcess>();

  private constructor(network: Network, folder: string) {
    this.#network = network;
    this.#folder = folder;
  }

  /**
   * Makes keys and configurations for these hosts, and starts none.
   * @param env variables of whoever logs in.
   */
  static async create(
    network: Network,
    hosts: readonly string[],
    folder: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<SshHosts> {
    await mkdir(folder, { recursive: true });
    // sshd puts itself into it while nobody has logged in
    await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
    const made = new SshHosts(network, folder);
    for (const key of ['host', 'user', 'stranger']) makeKey(made.#path(key));
    await made.#writeConfigs(hosts, env);
    return made;
  }

  /** The configuration of ssh that reaches the hosts. */
  get config(): string {
    return this.#path('ssh_config');
  }

  /** Starts a host's sshd, and waits until it takes connections. */
  async start(host: string): Promise<void> {
    const words = [String(SSHD), '-D', '-e', '-f', this.#path('sshd_config')];
    const [command = '', ...args] = [...this.#network.on(host), ...words];
    const server = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#servers.set(host, server);
    let said = '';
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    await eventually(
      `sshd on ${host}`,
      () => said.includes('Server listening'),
      10_000,
      () => `: ${said}`,
    );
  }

  /** Ends a host's sshd; those who are logged in stay. */
  async stop(host: string): Promise<void> {
    const server = this.#servers.get(host);
    this.#servers.delete(host);
    if (server?.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  }

  /** The processes of a host that are not its sshd. */
  async processes(host: string): Promise<string[]> {
    const found: string[] = [];
    for (const pid of this.#network.pids(host)) {
      const file = `/proc/${pid}/cmdline`;
      const text = await readFile(file, 'utf8').catch(() => '');
      const words = text.split('\0').join(' ').trim();
      if (words !== '' && !words.startsWith('sshd')) {
        if (!words.startsWith(String(SSHD))) found.push(`${pid} ${words}`);
      }
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const host of this.#servers.keys()) await this.stop(host);
  }

  async #writeConfigs(
    hosts: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<void> {
    const hostKey = await readFile(this.#path('host.pub'), 'utf8');
    const userKey = await readFile(this.#path('user.pub'), 'utf8');
    await writeFile(this.#path('authorized_keys'), userKey, { mode: 0o600 });
    const addresses = hosts.map((host) => this.#network.address(host));
    const known = addresses.map((address) => `${address} ${hostKey}`).join('');
    await writeFile(this.#path('known_hosts'), known);
    // what a host that is killed leaves behind goes with the folder
    const own = { TMPDIR: this.#folder, ...env };
    const variables = Object.entries(own).map((pair) => pair.join('='));
    await writeFile(
      this.#path('sshd_config'),
      [
        `HostKey ${this.#path('host')}`,
        `AuthorizedKeysFile ${this.#path('authorized_keys')}`,
        ...['PidFile none', 'StrictModes no', 'UsePAM no', 'UseDNS no'],
        ...['PasswordAuthentication no', 'PermitRootLogin prohibit-password'],
        `SetEnv ${variables.join(' ')}`,
        '',
      ].join('\n'),
    );
    await writeFile(this.config, this.#sshConfig(hosts));
  }

  /** Host x-stranger is host x, with a key that it does not know. */
  #sshConfig(hosts: readonly string[]): string {
    const entries = hosts.flatMap((host) => [
      `Host ${host} ${host}-stranger`,
      `  HostName ${this.#network.address(host)}`,
    ]);
    return [
      ...entries,
      'Host *-stranger',
      `  IdentityFile ${this.#path('stranger')}`,
      'Host * !*-stranger',
      `  IdentityFile ${this.#path('user')}`,
      'Host *',
      '  User root',
      '  IdentitiesOnly yes',
      `  UserKnownHostsFile ${this.#path('known_hosts')}`,
      '  StrictHostKeyChecking yes',
      '',
    ].join('\n');
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}

function makeKey(file: string): void {
  const words = ['-q', '-t', 'ed25519', '-N', '', '-C', 'muster-test'];
  const end = spawnSync('ssh-keygen', [...words, '-f', file], {
    encoding: 'utf8',
  });
  if (end.status !== 0) throw new Error(`ssh-keygen: ${end.stderr}`);
}
