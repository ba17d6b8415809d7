/**
 * The parameters as a worker holds them: one slice a server, each with its
 * version, in one vector, and beside it older versions where tasks need them.
 */

/** The state of one slice. */
interface Slice {
  begin: number;
  end: number;
  term: number;
  version: number;
}

/** A slice that came. */
export interface ArrivedSlice {
  /** Of the server that sent it: larger after each loss. */
  readonly term: number;
  readonly version: number;
  /** Key range `[begin, end)` in elements. */
  readonly begin: number;
  readonly end: number;
  /** float32 `[end - begin]`, copied. */
  readonly values: Float32Array;
}

/** Parameters to compute from: not changed while they are lent. */
export interface Lent {
  /** float32 `[numParameters]`. */
  readonly parameters: Float32Array;
  /** That all slices are of. */
  readonly term: number;
  /** Version of each server's slice. */
  readonly bases: number[];
}

/** All slices of one version and term, kept beside the newest. */
interface Aside {
  readonly term: number;
  readonly parameters: Float32Array;
  readonly present: Set<number>;
}

/** Slices by server. */
export class SliceStore {
  readonly #numParameters: number;
  #parameters: Float32Array;
  #slices: (Slice | undefined)[];
  #isLent = false;
  readonly #asides = new Map<number, Aside>();

  constructor(numParameters: number, numServers: number) {
    this.#numParameters = numParameters;
    this.#parameters = new Float32Array(numParameters);
    this.#slices = Array.from({ length: numServers }, () => undefined);
  }

  /** The version that all slices have, if they have one. */
  get version(): number | undefined {
    const [first] = this.#slices;
    return this.#areAll(first?.version) ? first?.version : undefined;
  }

  /**
   * Takes a slice in: the newest one, or one that is wanted beside it.
   * A newer term may bring an older version: the servers went back.
   */
  put(server: number, arrived: ArrivedSlice): void {
    const { term, version, begin, end, values } = arrived;
    const known = this.#slices[server];
    if (known && term < known.term) return;
    this.#putAside(server, arrived);
    if (known && term === known.term && version < known.version) return;
    if (this.#isLent) {
      this.#parameters = this.#parameters.slice();
      this.#isLent = false;
    }
    this.#parameters.set(values, begin);
    this.#slices[server] = { begin, end, term, version };
  }

  /** Lends the slices of exactly this version if all are here. */
  exactly(version: number): Lent | undefined {
    if (this.#areAll(version)) return this.#lend();
    const aside = this.#asideOf(version);
    if (aside?.present.size !== this.#slices.length) return undefined;
    const { parameters, term } = aside;
    return { parameters, term, bases: this.#slices.map(() => version) };
  }

  /** Lends the newest slices if none is older than this version. */
  atLeast(version: number): Lent | undefined {
    const term = this.#slices[0]?.term;
    const fits = this.#slices.every(
      (slice) => slice && slice.term === term && slice.version >= version,
    );
    return fits ? this.#lend() : undefined;
  }

  /**
   * The newest slices if all are here, to be looked at before the next one
   * comes; their version is that of the oldest.
   */
  get newest(): (Pick<Lent, 'parameters'> & { version: number }) | undefined {
    const versions: number[] = [];
    for (const slice of this.#slices) {
      if (slice?.term !== this.#slices[0]?.term || !slice) return undefined;
      versions.push(slice.version);
    }
    return { parameters: this.#parameters, version: Math.min(...versions) };
  }

  /**
   * Forgets whose slices are here: another coordinator may go on from what
   * was before, in a term that is older than one that is over.
   */
  forget(): void {
    this.#slices = this.#slices.map(() => undefined);
    this.#asides.clear();
  }

  /** The lent parameters are not needed any more. */
  giveBack(): void {
    this.#isLent = false;
  }

  /** Only these versions are kept beside the newest ones. */
  wantOnly(versions: readonly number[]): void {
    for (const version of this.#asides.keys()) {
      if (!versions.includes(version)) this.#asides.delete(version);
    }
  }

  /**
   * Servers whose slice of exactly this version is missing, to be asked for:
   * from now on it is kept beside the newest ones.
   */
  missing(version: number): number[] {
    if (this.isComing(version)) {
      const term = this.#newestTerm();
      return this.#serversWhere(
        (slice) => slice?.version !== version || slice.term < term,
      );
    }
    const aside = this.#asideOf(version) ?? this.#setAside(version);
    return this.#serversWhere((_, server) => !aside.present.has(server));
  }

  /** Whether no slice is newer than this version, and some are older. */
  isComing(version: number): boolean {
    return this.#slices.every(
      (slice) => slice === undefined || slice.version <= version,
    );
  }

  /** Servers whose slice is older than this version, or of another term. */
  behind(version: number): number[] {
    const term = this.#newestTerm();
    return this.#serversWhere(
      (slice) => !slice || slice.term < term || slice.version < version,
    );
  }

  #newestTerm(): number {
    return Math.max(...this.#slices.map((slice) => slice?.term ?? 0));
  }

  #serversWhere(
    test: (slice: Slice | undefined, server: number) => boolean,
  ): number[] {
    return this.#slices.flatMap((slice, server) =>
      test(slice, server) ? [server] : [],
    );
  }

  #areAll(version: number | undefined): boolean {
    const term = this.#slices[0]?.term;
    return this.#slices.every(
      (slice) => slice && slice.version === version && slice.term === term,
    );
  }

  #lend(): Lent {
    this.#isLent = true;
    return {
      parameters: this.#parameters,
      term: this.#slices[0]?.term ?? 0,
      bases: this.#slices.map((slice) => slice?.version ?? 0),
    };
  }

  /** What is kept of a version, if it is of the newest term: of one history. */
  #asideOf(version: number): Aside | undefined {
    const aside = this.#asides.get(version);
    return aside?.term === this.#newestTerm() ? aside : undefined;
  }

  /** What the newest slices have of it is copied, the rest is to come. */
  #setAside(version: number): Aside {
    const term = this.#newestTerm();
    const parameters = new Float32Array(this.#numParameters);
    const present = new Set<number>();
    this.#slices.forEach((slice, server) => {
      if (slice?.version !== version || slice.term !== term) return;
      const { begin, end } = slice;
      parameters.set(this.#parameters.subarray(begin, end), begin);
      present.add(server);
    });
    const aside = { term, parameters, present };
    this.#asides.set(version, aside);
    return aside;
  }

  #putAside(server: number, arrived: ArrivedSlice): void {
    const { term, version, begin, values } = arrived;
    const aside = this.#asides.get(version);
    if (aside?.term !== term || aside.present.has(server)) return;
    aside.parameters.set(values, begin);
    aside.present.add(server);
  }
}
