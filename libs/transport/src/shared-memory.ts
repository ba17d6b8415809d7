/**
 * Memory that the two processes of a connection share where both are on one
 * machine and of one user: a frame of megabytes is copied into it and out of
 * it, instead of through the sockets' buffers in pieces of 64 KiB. Over the
 * connection goes a note that says where the frame is, so order, limits and
 * ends are the connection's. See native/shared-memory.cc, which set-up
 * compiles; without it, and wherever else this fails, frames go as before.
 */
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import type { EncodedParts } from '@muster/protocol';

/** What the addon has; a `Region` is its own. */
interface Addon {
  create(slotBytes: number, name: string): Region;
  open(path: string, slotBytes: number, name: string): Region | undefined;
  descriptor(region: Region): number;
  put(region: Region, side: Side, head: Uint8Array, rest: Uint8Array): number;
  take(region: Region, side: Side, slot: number, to: Uint8Array): boolean;
  close(region: Region): void;
}
type Region = { readonly region: unique symbol };

/** Frames to whom: 0 who has connected, 1 who listens. */
type Side = 0 | 1;

/** Longest frame that can go this way. Only what was written takes memory. */
export const SLOT_BYTES = 256 * 1024 * 1024;
/** Frames that can be on their way to either side. */
export const NUM_SLOTS = 2;
/** Shorter frames are no slower in the socket. */
const LEAST_BYTES = 64 * 1024;
/** First byte of a note; no msgpack value begins with it. */
const NOTE = 0xc1;
/** The byte, the slot, and the frame's length as uint32, big-endian. */
const NOTE_BYTES = 6;
/** Process id, its file's descriptor, and the file's own name. */
const OFFER = /^(\d{1,10})\.(\d{1,10})\.([0-9a-f]{32})$/;

/**
 * HTTP header of the upgrade: who connects offers by it, and who listens
 * answers with {@link ACCEPTED} where it has opened what was offered.
 */
export const SHARED_MEMORY_HEADER = 'x-muster-shared-memory';
/** See {@link SHARED_MEMORY_HEADER}. */
export const ACCEPTED = 'accepted';

const NOTHING = new Uint8Array(0);

const require = createRequire(import.meta.url);
/** From src/ and from dist/. */
const FILE = '../native/dist/addon.node';

const addon = loadAddon();

function loadAddon(): Addon | undefined {
  try {
    const found = require(FILE) as Partial<Addon>;
    return found.create === undefined ? undefined : (found as Addon);
  } catch {
    return undefined;
  }
}

/** One end of such a memory. Whoever holds it has to close it. */
export class SharedMemory {
  readonly #addon: Addon;
  readonly #region: Region;
  readonly #name: string;
  /** Where this end's own frames go. */
  readonly #to: Side;

  private constructor(parts: {
    addon: Addon;
    region: Region;
    name: string;
    to: Side;
  }) {
    this.#addon = parts.addon;
    this.#region = parts.region;
    this.#name = parts.name;
    this.#to = parts.to;
  }

  /** Makes one for a connection to be dialled; nothing where there can't be. */
  static create(): SharedMemory | undefined {
    if (addon === undefined || isSwitchedOff()) return undefined;
    const name = randomBytes(16).toString('hex');
    try {
      const region = addon.create(SLOT_BYTES, fileName(name));
      return new SharedMemory({ addon, region, name, to: 1 });
    } catch {
      // out of descriptors, or forbidden: a connection needs no shared memory
      return undefined;
    }
  }

  /**
   * Opens the one of a peer. Nothing where it can't be had: of another
   * machine, another user, in another container.
   * @param offer what the peer's {@link offer} said; anything may be in it.
   */
  static open(offer: string): SharedMemory | undefined {
    const [, pid, file, name] = OFFER.exec(offer) ?? [];
    if (name === undefined) return undefined;
    if (addon === undefined || isSwitchedOff()) return undefined;
    try {
      const path = `/proc/${pid}/fd/${file}`;
      const region = addon.open(path, SLOT_BYTES, fileName(name));
      return region && new SharedMemory({ addon, region, name, to: 0 });
    } catch {
      return undefined;
    }
  }

  /** What a peer on this machine opens it by. */
  get offer(): string {
    const file = this.#addon.descriptor(this.#region);
    return `${process.pid}.${file}.${this.#name}`;
  }

  /**
   * Copies a frame for the peer to take, and gives the note to be sent.
   * Nothing where the frame is short, too long, or the peer has not taken
   * those before: then the frame itself is sent.
   * @param numBytes of all parts.
   */
  put([head, rest = NOTHING]: EncodedParts, numBytes: number) {
    if (numBytes < LEAST_BYTES) return undefined;
    const slot = this.#addon.put(this.#region, this.#to, head, rest);
    if (slot < 0) return undefined;
    const note = Buffer.allocUnsafe(NOTE_BYTES);
    note[0] = NOTE;
    note[1] = slot;
    note.writeUInt32BE(numBytes, 2);
    return note;
  }

  /**
   * Copies the frame of a note; it belongs to the caller.
   * @returns nothing where there is no such frame.
   */
  take(note: Buffer): Buffer | undefined {
    const slot = note[1] ?? NUM_SLOTS;
    const numBytes = note.readUInt32BE(2);
    if (slot >= NUM_SLOTS || numBytes > SLOT_BYTES) return undefined;
    const frame = Buffer.allocUnsafe(numBytes);
    const from = this.#to === 0 ? 1 : 0;
    const isTaken = this.#addon.take(this.#region, from, slot, frame);
    return isTaken ? frame : undefined;
  }

  /** Gives the memory back; the peer's end goes on until it is closed, too. */
  close(): void {
    this.#addon.close(this.#region);
  }
}

/** A person may want to see what it is worth. */
function isSwitchedOff(): boolean {
  return process.env['MUSTER_SHARED_MEMORY'] === 'off';
}

/** Whether a WebSocket message is a note, and no frame. */
export function isNote(data: Buffer): boolean {
  return data.byteLength === NOTE_BYTES && data[0] === NOTE;
}

/** Length of the frame that a note is about. Bytes. */
export function notedBytes(note: Buffer): number {
  return note.readUInt32BE(2);
}

function fileName(name: string): string {
  return `muster-${name}`;
}
