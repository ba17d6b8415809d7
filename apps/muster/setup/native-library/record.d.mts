// Types of record.mjs for its TypeScript readers (`muster doctor`).

/** A way to the native library, in the order they are tried. */
export type NativeWay = 'download' | 'wheel' | 'wasm';

/** What set-up found out about the native library of this checkout. */
export interface NativeRecord {
  /** The way that worked. */
  readonly way: NativeWay;
  /** Why this one, in words. */
  readonly reason: string;
  /** Which library it is. */
  readonly library: 'libtensorflow' | 'tfjs-backend-wasm';
  /** Its version, e.g. '2.12.1'. */
  readonly libraryVersion: string;
  /** The ways passed over before it, and why. */
  readonly tried: readonly {
    readonly way: NativeWay;
    readonly reason: string;
  }[];
  /** `MUSTER_NATIVE` at the time. */
  readonly choice: 'auto' | NativeWay;
  /** What it was made for; another key makes set-up do it again. */
  readonly key: string;
  /** Node versions on which the library was loaded and computed. */
  readonly verifiedWith: readonly string[];
  /** The files it consists of, paths from the root of the checkout. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
}

/** The paths of a checkout that the record is about (see workspace.mjs). */
export interface RecordPlace {
  readonly root: string;
  readonly state: string;
  readonly tfjsNode: string;
}

/**
 * Reads the record; undefined before set-up, or when it is damaged. The
 * default is the checkout that this file is in.
 */
export function readNativeRecord(place?: RecordPlace): NativeRecord | undefined;
/** Writes the record, whole or not at all. */
export function writeNativeRecord(
  place: RecordPlace,
  record: NativeRecord,
): void;
/** Removes the record before the library is prepared again. */
export function removeNativeRecord(place: RecordPlace): void;
/** What the record must have been made for (see `NativeRecord.key`). */
export function preparationKey(place: RecordPlace): string;
/** The installed tfjs-node's version; '' when the package is missing. */
export function tfjsNodeVersion(place: RecordPlace): string;
/** Whether every file of the record is there in its size. */
export function areFilesThere(
  place: RecordPlace,
  record: NativeRecord,
): boolean;
