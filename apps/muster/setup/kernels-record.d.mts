// Types of kernels-record.mjs for its TypeScript readers (`muster doctor`).

/** What set-up found out about our own native kernels. */
export interface KernelsRecord {
  /** What they were compiled for; another key makes set-up do it again. */
  readonly key: string;
  /** '' where they were compiled, else why not. */
  readonly problem: string;
  /** The addons, paths from the root of the checkout. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
}

/** The paths of a checkout that the record is about (see workspace.mjs). */
export interface KernelsPlace {
  readonly root: string;
  readonly state: string;
}

/** The libraries that have native kernels. */
export const KERNELS: readonly string[];
/**
 * Reads the record; undefined before set-up, or when it is damaged. The
 * default is the checkout that this file is in.
 */
export function readKernelsRecord(
  place?: KernelsPlace,
): KernelsRecord | undefined;
/** Writes the record, whole or not at all. */
export function writeKernelsRecord(
  place: KernelsPlace,
  record: KernelsRecord,
): void;
/** What the record must have been made for (see `KernelsRecord.key`). */
export function kernelsKey(place: KernelsPlace): string;
