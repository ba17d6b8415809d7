/**
 * Who is there: one member a worker id, its incarnation, its connection, and
 * whether it may be given work.
 */

/**
 * - `joined`: it knows the run and prepares; ends with `subscribe`.
 * - `active`: it has parameters and takes tasks; ends with silence, loss, leave.
 * - `suspended`: silent for a whole lease; ends with its next message.
 * - `lost`: its connection ended; ends with a new `join`.
 * - `gone`: it left, was replaced, or is quarantined and stays away.
 */
export type MemberState = 'joined' | 'active' | 'suspended' | 'lost' | 'gone';

/** One worker as the coordinator sees it. */
export interface Member {
  readonly workerId: string;
  readonly incarnation: number;
  readonly backend: string;
  readonly numerics: string;
  /** Where it serves metrics, as it said. */
  readonly metricsUrl?: string | undefined;
  connection: number;
  state: MemberState;
  /** Whether it asked for parameters on this connection. */
  subscribed: boolean;
  lastSeenMs: number;
  /** Where its last task began, so that the next one begins there too. */
  lastFirst: number | undefined;
  /** Refused pushes without an accepted one between them. */
  refusals: number;
  quarantined: boolean;
}

/** Who asks to join. */
export interface Applicant {
  readonly connection: number;
  readonly workerId: string;
  readonly incarnation: number | undefined;
  readonly numerics: string;
  readonly backend: string;
  readonly metricsUrl?: string | undefined;
  readonly nowMs: number;
}

/** What came of a join. */
export type Admission =
  | {
      readonly outcome: 'admitted';
      readonly member: Member;
      /** Connection of the life that this one replaces, to be closed. */
      readonly replaced: number | undefined;
      /** Whether the same incarnation came back. */
      readonly returned: boolean;
    }
  | { readonly outcome: 'quarantined' | 'outlived' };

/** Most ids of workers that are not there any more that are remembered. */
const MAX_REMEMBERED = 4096;

/** Members by worker id and by connection. */
export class Membership {
  readonly #members = new Map<string, Member>();
  readonly #byConnection = new Map<number, Member>();
  readonly #firstIncarnation: number;

  /**
   * @param firstIncarnation larger than any that an earlier coordinator gave:
   *   this one does not know whom that has admitted.
   */
  constructor(firstIncarnation = 1) {
    this.#firstIncarnation = firstIncarnation;
  }

  /** Admits a worker, or says why not; replaces an older life of it. */
  admit(applicant: Applicant): Admission {
    const known = this.#members.get(applicant.workerId);
    if (known?.quarantined === true) return { outcome: 'quarantined' };
    const { incarnation } = applicant;
    if (known && incarnation !== undefined && incarnation < known.incarnation) {
      return { outcome: 'outlived' };
    }
    const returned = known !== undefined && incarnation === known.incarnation;
    const member: Member = {
      workerId: applicant.workerId,
      incarnation: incarnation ?? this.#nextAfter(known),
      backend: applicant.backend,
      numerics: applicant.numerics,
      metricsUrl: applicant.metricsUrl,
      connection: applicant.connection,
      state: 'joined',
      subscribed: false,
      lastSeenMs: applicant.nowMs,
      lastFirst: known?.lastFirst,
      refusals: returned ? known.refusals : 0,
      quarantined: false,
    };
    const replaced = this.#isOnline(known) ? known.connection : undefined;
    if (replaced !== undefined) this.#byConnection.delete(replaced);
    this.#remember(member);
    return { outcome: 'admitted', member, replaced, returned };
  }

  #nextAfter(known: Member | undefined): number {
    return Math.max((known?.incarnation ?? 0) + 1, this.#firstIncarnation);
  }

  /** The member with this id, if there is or was one. */
  byId(workerId: string): Member | undefined {
    return this.#members.get(workerId);
  }

  /** The member behind a connection, unless another one replaced it. */
  byConnection(connection: number): Member | undefined {
    return this.#byConnection.get(connection);
  }

  /** Takes a member off its connection. */
  disconnect(member: Member, state: 'lost' | 'gone'): void {
    this.#byConnection.delete(member.connection);
    member.state = state;
  }

  /** Members in one of these states, in order of their first join. */
  inState(...states: MemberState[]): Member[] {
    return [...this.#members.values()].filter(({ state }) =>
      states.includes(state),
    );
  }

  /** Number of members by state. */
  counts(): Record<MemberState, number> {
    const counts = { joined: 0, active: 0, suspended: 0, lost: 0, gone: 0 };
    for (const { state } of this.#members.values()) counts[state]++;
    return counts;
  }

  #isOnline(member: Member | undefined): member is Member {
    return (
      member !== undefined &&
      this.#byConnection.get(member.connection) === member
    );
  }

  #remember(member: Member): void {
    this.#members.set(member.workerId, member);
    this.#byConnection.set(member.connection, member);
    if (this.#members.size <= MAX_REMEMBERED) return;
    for (const old of this.#members.values()) {
      if (old.state !== 'gone' && old.state !== 'lost') continue;
      if (old.quarantined) continue;
      this.#members.delete(old.workerId);
      return;
    }
  }
}
