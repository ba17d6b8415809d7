/**
 * Hosts on one machine: each a network namespace with an address of its own,
 * all plugged into one switch, which is a namespace too. The machine's own
 * network and its rules are not touched.
 */
import { spawnSync } from 'node:child_process';

/** The machine that launches, and its hosts. */
export const LAUNCHER = 'launcher';

/** Whole network; in its namespaces its addresses meet nobody else's. */
const PREFIX = '10.77.0.';

/** See the head of this file. Dispose of it after use. */
export class Network implements Disposable {
  readonly #id: string;
  readonly #hosts: readonly string[];

  private constructor(id: string, hosts: readonly string[]) {
    this.#id = id;
    this.#hosts = hosts;
  }

  /**
   * Makes a network of the launcher and these hosts.
   * @param name tells it from other networks of this machine.
   */
  static create(hosts: readonly string[], name = String(process.pid)): Network {
    const id = `muster-${name}`;
    const network = new Network(id, [LAUNCHER, ...hosts]);
    try {
      network.#create();
    } catch (error) {
      network[Symbol.dispose]();
      throw error;
    }
    return network;
  }

  /** The address of a host. */
  address(host: string): string {
    return `${PREFIX}${this.#hosts.indexOf(host) + 1}`;
  }

  /** Words before a command that runs it on a host. */
  on(host: string): string[] {
    return ['ip', 'netns', 'exec', this.#namespace(host)];
  }

  /**
   * What a page says to a host.
   * @throws Error with why there is none, such as ECONNREFUSED.
   */
  read(host: string, url: string): string {
    const script = `fetch(process.argv[1]).then(
      async (page) => console.log(await page.text()),
      ({ cause }) => { console.error(cause); process.exitCode = 1; },
    )`;
    const words = [process.execPath, '-e', script, url];
    const [command = '', ...args] = [...this.on(host), ...words];
    return run(command, args);
  }

  /** Ids of the processes of a host. */
  pids(host: string): number[] {
    const listed = run('ip', ['netns', 'pids', this.#namespace(host)]);
    return listed.split('\n').filter(Boolean).map(Number);
  }

  /** Cuts a host off, without a word to either side; or plugs it in again. */
  setCut(host: string, isCut: boolean): void {
    const state = isCut ? 'disabled' : 'forwarding';
    this.#inSwitch(
      'bridge',
      'link',
      'set',
      'dev',
      portOf(host),
      'state',
      state,
    );
  }

  /** Makes a host's line slow, both ways. */
  limit(host: string, megabits: number): void {
    const rate = ['rate', `${megabits}mbit`, 'burst', '32kbit'];
    const words = ['root', 'tbf', ...rate, 'latency', '400ms'];
    this.#inSwitch('tc', 'qdisc', 'add', 'dev', portOf(host), ...words);
    this.#run(host, 'tc', 'qdisc', 'add', 'dev', 'eth0', ...words);
  }

  /** Takes the limit of a host away. */
  unlimit(host: string): void {
    this.#inSwitch('tc', 'qdisc', 'delete', 'dev', portOf(host), 'root');
    this.#run(host, 'tc', 'qdisc', 'delete', 'dev', 'eth0', 'root');
  }

  /** Ends every process in it, and takes it away. */
  [Symbol.dispose](): void {
    for (const host of [...this.#hosts, 'switch']) {
      const name = this.#namespace(host);
      const { stdout } = spawnSync('ip', ['netns', 'pids', name], {
        encoding: 'utf8',
      });
      for (const pid of stdout.split('\n').filter(Boolean)) {
        spawnSync('kill', ['-KILL', pid]);
      }
      spawnSync('ip', ['netns', 'delete', name]);
    }
  }

  #create(): void {
    run('ip', ['netns', 'add', this.#namespace('switch')]);
    this.#inSwitch('ip', 'link', 'add', 'br0', 'type', 'bridge');
    this.#inSwitch('ip', 'link', 'set', 'br0', 'up');
    for (const host of this.#hosts) this.#plug(host);
  }

  #plug(host: string): void {
    const name = this.#namespace(host);
    run('ip', ['netns', 'add', name]);
    this.#inSwitch(
      ...['ip', 'link', 'add', portOf(host), 'type', 'veth', 'peer'],
      ...['name', 'eth0', 'netns', name],
    );
    this.#inSwitch('ip', 'link', 'set', portOf(host), 'master', 'br0', 'up');
    const address = `${this.address(host)}/24`;
    this.#run(host, 'ip', 'address', 'add', address, 'dev', 'eth0');
    this.#run(host, 'ip', 'link', 'set', 'eth0', 'up');
    this.#run(host, 'ip', 'link', 'set', 'lo', 'up');
  }

  #inSwitch(...words: string[]): void {
    this.#run('switch', ...words);
  }

  #run(host: string, ...words: string[]): void {
    const [command = '', ...args] = [...this.on(host), ...words];
    run(command, args);
  }

  #namespace(host: string): string {
    return `${this.#id}-${host}`;
  }
}

/** The switch's end of a host's line. */
function portOf(host: string): string {
  return `port-${host}`;
}

function run(command: string, args: readonly string[]): string {
  const end = spawnSync(command, args, { encoding: 'utf8' });
  if (end.status === 0) return end.stdout;
  throw new Error(`${command} ${args.join(' ')}: ${end.stderr}`);
}
