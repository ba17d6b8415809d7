/**
 * Which server process is what: the primary of its shard, or a standby; and
 * where each listens. Pure bookkeeping, told of everything that happens.
 *
 * A shard has at most one leader: the process that is its primary, or is to
 * become it.
 *
 * ```
 * nobody leads --- one starts, as primary ----------------> it leads
 * it leads ------- ends; the other one listens -----------> that one is to lead
 * it leads ------- ends; no other, or it is not yet there -> nobody leads
 * to lead -------- promoted ------------------------------> it leads
 * to lead -------- ends ----------------------------------> nobody leads
 * ```
 *
 * Whoever starts while there is a leader starts as its standby.
 */
import { MusterError } from '@muster/protocol';

/** Where a process was reached in its last life. */
export interface Place {
  /** The address that others use. */
  readonly url: string;
  readonly port: number | undefined;
  readonly metricsPort: number | undefined;
}

/** What a server process is told about itself and the others. */
export interface Part {
  readonly shard: number;
  /** Whether it is the first server: the ports that were asked for are its. */
  readonly isFirst: boolean;
  readonly role: 'primary' | 'standby';
  /** Whom a standby follows. */
  readonly primaryUrl: string | undefined;
  /** Of the coordinator, its primary first; empty for that one itself. */
  readonly coordinatorUrls: readonly string[];
  /** Where it was before. */
  readonly place: Place | undefined;
  /** Where it served the live page before. */
  readonly pagePort: number | undefined;
}

/** Who there is, whatever they are at the moment. */
export interface Seat {
  /** `server` when it is the only one; else `server-0`, `standby-0`, … */
  readonly name: string;
  readonly shard: number;
  /** What it is at the start. */
  readonly role: 'primary' | 'standby';
}

interface Server extends Seat {
  isLive: boolean;
  /** Whether it has listened in this life. */
  isListening: boolean;
  /** Whether it was the coordinator when it ended. */
  endedAsCoordinator: boolean;
  place: Place | undefined;
  pagePort: number | undefined;
}

interface Shard {
  leader: Server | undefined;
  /** Whether the leader acts as primary already. */
  isLed: boolean;
}

/** See the head of this file. */
export class ServerRoles {
  /** In the order of the shards, a shard's standby after its server. */
  readonly seats: readonly Seat[];
  readonly #servers: readonly Server[];
  readonly #shards: readonly Shard[];

  constructor(numServers: number, numStandbys: 0 | 1) {
    const isAlone = numServers + numStandbys === 1;
    const shards = Array.from({ length: numServers }, (_, shard) => shard);
    const roles = ['primary', 'standby'] as const;
    this.#servers = shards.flatMap((shard) =>
      roles.slice(0, 1 + numStandbys).map((role) => {
        const kind = role === 'primary' ? 'server' : role;
        return {
          name: isAlone ? kind : `${kind}-${shard}`,
          ...{ shard, role, isLive: false, isListening: false },
          ...{ endedAsCoordinator: false, place: undefined },
          pagePort: undefined,
        };
      }),
    );
    this.#shards = shards.map(() => ({ leader: undefined, isLed: false }));
    this.seats = this.#servers;
  }

  /** The names of all. */
  get names(): readonly string[] {
    return this.seats.map(({ name }) => name);
  }

  /** Whether there is a server of this name. */
  has(name: string): boolean {
    return this.names.includes(name);
  }

  /** The process that leads shard 0, or is to. */
  get coordinator(): string | undefined {
    return this.#shards[0]?.leader?.name;
  }

  /** Whether this process acts as coordinator: it leads shard 0, and listens. */
  isCoordinating(name: string): boolean {
    const { isListening } = this.#server(name);
    const isLed = this.#shards[0]?.isLed === true;
    return this.coordinator === name && isLed && isListening;
  }

  /** Whether this process was the coordinator when it last ended. */
  wasCoordinator(name: string): boolean {
    return this.#server(name).endedAsCoordinator;
  }

  /** Where all who look for the coordinator look, its leader first. */
  get coordinatorUrls(): readonly string[] {
    return this.#coordinators().flatMap(({ place }) => place?.url ?? []);
  }

  /** Whether this process listens now. */
  isListening(name: string): boolean {
    return this.#server(name).isListening;
  }

  /** Whether its shard has a leader: after a death, whether it has an heir. */
  hasLeader(name: string): boolean {
    return this.#shardOf(this.#server(name)).leader !== undefined;
  }

  /** A process starts; gives what it starts as. */
  started(name: string): Part {
    const server = this.#server(name);
    const shard = this.#shardOf(server);
    server.isLive = true;
    if (shard.leader === undefined) {
      shard.leader = server;
      shard.isLed = true;
    }
    const isPrimary = shard.leader === server;
    return {
      shard: server.shard,
      isFirst: server === this.#servers[0],
      role: isPrimary ? 'primary' : 'standby',
      primaryUrl: isPrimary ? undefined : shard.leader.place?.url,
      coordinatorUrls:
        isPrimary && server.shard === 0
          ? []
          : this.#coordinators()
              .filter((other) => other !== server)
              .flatMap(({ place }) => place?.url ?? []),
      place: server.place,
      pagePort: server.pagePort,
    };
  }

  /** A process listens. */
  listening(name: string, place: Place): void {
    const server = this.#server(name);
    server.place = place;
    server.isListening = true;
  }

  /** A process serves the live page. */
  servesPage(name: string, port: number | undefined): void {
    this.#server(name).pagePort = port;
  }

  /** A standby has taken over. */
  promoted(name: string, url: string): void {
    const server = this.#server(name);
    const shard = this.#shardOf(server);
    shard.leader = server;
    shard.isLed = true;
    const { port, metricsPort } = server.place ?? {};
    server.place = { url, port, metricsPort };
  }

  /** A process has ended. */
  ended(name: string): void {
    const server = this.#server(name);
    const shard = this.#shardOf(server);
    server.endedAsCoordinator = this.coordinator === name;
    server.isLive = false;
    server.isListening = false;
    if (shard.leader !== server) return;
    shard.leader = shard.isLed ? this.#heirOf(server) : undefined;
    shard.isLed = false;
  }

  /** Who was its standby when it led. */
  #heirOf(server: Server): Server | undefined {
    return this.#servers.find(
      ({ shard, isLive, isListening }) =>
        shard === server.shard && isLive && isListening,
    );
  }

  #coordinators(): readonly Server[] {
    const leader = this.#shards[0]?.leader;
    return this.#servers
      .filter(({ shard }) => shard === 0)
      .sort((a, b) => Number(b === leader) - Number(a === leader));
  }

  #server(name: string): Server {
    const server = this.#servers.find((one) => one.name === name);
    if (server !== undefined) return server;
    throw new MusterError('ERR_INTERNAL', `there is no server '${name}'`);
  }

  #shardOf(server: Server): Shard {
    const shard = this.#shards[server.shard];
    if (shard !== undefined) return shard;
    throw new MusterError('ERR_INTERNAL', `there is no shard ${server.shard}`);
  }
}
