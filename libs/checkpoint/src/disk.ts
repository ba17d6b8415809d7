/**
 * What checkpoints need of a file system, and no more: small enough that a
 * simulated disk can lose what was not synced, at every single operation.
 */

/** A file system that says when something would survive a power cut. */
export interface Disk {
  /**
   * Creates a directory and its parents where they are missing; the entries
   * are durable when it resolves.
   */
  makeDirectory(path: string): Promise<void>;
  /**
   * Creates or replaces one file; its contents are durable when it resolves,
   * its name once {@link syncDirectory} has resolved as well.
   */
  writeFile(path: string, bytes: Uint8Array): Promise<void>;
  /** Makes the names in a directory durable. */
  syncDirectory(path: string): Promise<void>;
  /** Renames, atomically; `to` must not exist. Durable after a sync. */
  rename(from: string, to: string): Promise<void>;
  /** Names in a directory, in any order; none if there is no directory. */
  list(path: string): Promise<string[]>;
  /**
   * Reads a whole file; the caller owns the bytes.
   *
   * @throws an error with `code: 'ENOENT'` if it is missing.
   */
  readFile(path: string): Promise<Uint8Array>;
  /** Removes a file, or a directory with all in it; missing is fine. */
  remove(path: string): Promise<void>;
}

/** Whether the error says that there is no such file. */
export function isMissingFile(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
