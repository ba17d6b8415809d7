/**
 * The run's token, without which a server that asks for one says nothing. It
 * comes in the address behind `#`, which no browser sends to a server, or out
 * of the form; it is kept as long as the tab is open.
 */

const KEY = 'muster-token';

/** What {@link TokenStore} needs of a browser. */
export interface TokenPlace {
  /** The address's part behind `#`, with it. */
  readonly hash: string;
  /** Takes the part behind `#` away. */
  forgetHash(): void;
  readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null;
}

/** See the head of this file. */
export class TokenStore {
  #token: string | null;
  readonly #place: TokenPlace;

  /** Takes the token out of the address, if one is there. */
  constructor(place: TokenPlace) {
    this.#place = place;
    const given = new URLSearchParams(place.hash.slice(1)).get('token');
    this.#token = given ?? place.storage?.getItem(KEY) ?? null;
    if (given === null) return;
    place.forgetHash();
    this.set(given);
  }

  /** Whether there is one. */
  get isKnown(): boolean {
    return this.#token !== null;
  }

  /** Takes another one. */
  set(token: string): void {
    this.#token = token;
    this.#place.storage?.setItem(KEY, token);
  }

  /** For a request. */
  headers(): Record<string, string> {
    if (this.#token === null) return {};
    return { authorization: `Bearer ${this.#token}` };
  }
}

/** The browser's; without storage where it is closed to the page. */
export function browserPlace(): TokenPlace {
  let storage: Storage | null = null;
  try {
    storage = sessionStorage;
  } catch {
    // kept in memory alone
  }
  return {
    hash: location.hash,
    forgetHash: () =>
      history.replaceState(null, '', location.pathname + location.search),
    storage,
  };
}
