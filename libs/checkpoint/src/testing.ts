/**
 * A disk in memory that forgets, when the power is cut, what was not synced:
 * file contents until the file is synced, names until their directory is.
 */
import type { Disk } from './disk.js';
import type { Snapshot } from './snapshot.js';

/**
 * What a power cut takes of that which was not synced.
 *
 * - `everything`: names and contents.
 * - `contents`: names stay, contents are gone (a rename that overtook its data).
 * - `nothing`: all had reached the disk by luck.
 */
export type PowerCutLoss = 'everything' | 'contents' | 'nothing';

interface FileNode {
  data: Uint8Array;
  durable: Uint8Array;
}

interface DirectoryNode {
  readonly names: Map<string, Node>;
  durable: Map<string, Node>;
}

type Node = FileNode | DirectoryNode;

function isDirectory(node: Node | undefined): node is DirectoryNode {
  return node !== undefined && 'names' in node;
}

function emptyDirectory(): DirectoryNode {
  return { names: new Map(), durable: new Map() };
}

/** An in-memory {@link Disk} with power cuts and a size limit. */
export class MemoryDisk implements Disk {
  #root = emptyDirectory();
  #operations = 0;
  #cutAfter = Infinity;
  #capacityBytes = Infinity;

  /** Single changes and syncs so far. */
  get operations(): number {
    return this.#operations;
  }

  /** From so many further operations on, every one fails. */
  cutPowerAfter(operations: number): void {
    this.#cutAfter = this.#operations + operations;
  }

  /** From now on, files that add up to more fail with ENOSPC. */
  limitBytes(capacity: number): void {
    this.#capacityBytes = capacity;
  }

  /** What is found after the power is back: a disk of its own. */
  afterPowerCut(loss: PowerCutLoss): MemoryDisk {
    const disk = new MemoryDisk();
    disk.#root = survivorOf(this.#root, loss) as DirectoryNode;
    return disk;
  }

  /** A disk of its own in the same state, synced or not. */
  copy(): MemoryDisk {
    const disk = new MemoryDisk();
    disk.#root = copyOf(this.#root, new Map()) as DirectoryNode;
    return disk;
  }

  async makeDirectory(path: string): Promise<void> {
    let directory = this.#root;
    for (const name of partsOf(path)) {
      const next = directory.names.get(name) ?? emptyDirectory();
      if (!isDirectory(next)) throw failure('ENOTDIR', path);
      if (!directory.names.has(name)) {
        await this.#operate();
        directory.names.set(name, next);
        await this.#operate();
        directory.durable = new Map(directory.names);
      }
      directory = next;
    }
  }

  async writeFile(path: string, bytes: Uint8Array): Promise<void> {
    const [directory, name] = this.#locate(path);
    await this.#operate();
    const old = directory.names.get(name);
    const durable =
      old === undefined || isDirectory(old) ? new Uint8Array() : old.durable;
    const file: FileNode = { data: new Uint8Array(), durable };
    directory.names.set(name, file);
    const room = Math.max(0, this.#capacityBytes - sizeOf(this.#root));
    for (const part of [Math.ceil(bytes.length / 2), bytes.length]) {
      await this.#operate();
      file.data = new Uint8Array(bytes.subarray(0, Math.min(part, room)));
      if (part > room) throw failure('ENOSPC', path);
    }
    await this.#operate();
    file.durable = file.data;
  }

  async syncDirectory(path: string): Promise<void> {
    const directory = this.#find(path);
    if (!isDirectory(directory)) throw failure('ENOENT', path);
    await this.#operate();
    directory.durable = new Map(directory.names);
  }

  async rename(from: string, to: string): Promise<void> {
    const [fromDirectory, fromName] = this.#locate(from);
    const [toDirectory, toName] = this.#locate(to);
    const node = fromDirectory.names.get(fromName);
    if (node === undefined) throw failure('ENOENT', from);
    if (toDirectory.names.has(toName)) throw failure('ENOTEMPTY', to);
    await this.#operate();
    fromDirectory.names.delete(fromName);
    toDirectory.names.set(toName, node);
  }

  list(path: string): Promise<string[]> {
    const directory = this.#find(path);
    return Promise.resolve(
      isDirectory(directory) ? [...directory.names.keys()] : [],
    );
  }

  readFile(path: string): Promise<Uint8Array> {
    const file = this.#find(path);
    if (file === undefined) return Promise.reject(failure('ENOENT', path));
    return isDirectory(file)
      ? Promise.reject(failure('EISDIR', path))
      : Promise.resolve(file.data.slice());
  }

  async remove(path: string): Promise<void> {
    const node = this.#find(path);
    if (node === undefined) return;
    if (isDirectory(node)) {
      for (const name of [...node.names.keys()]) {
        await this.remove(`${path}/${name}`);
      }
    }
    const [directory, name] = this.#locate(path);
    await this.#operate();
    directory.names.delete(name);
  }

  #operate(): Promise<void> {
    if (this.#operations >= this.#cutAfter) {
      return Promise.reject(failure('EIO', 'power cut'));
    }
    this.#operations += 1;
    return Promise.resolve();
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const name of partsOf(path)) {
      node = isDirectory(node) ? node.names.get(name) : undefined;
    }
    return node;
  }

  #locate(path: string): [parent: DirectoryNode, name: string] {
    const parts = partsOf(path);
    const name = parts.pop() ?? '';
    const parent = this.#find(parts.join('/'));
    if (!isDirectory(parent)) throw failure('ENOENT', path);
    return [parent, name];
  }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function sizeOf(node: Node): number {
  if (!isDirectory(node)) return node.data.length;
  return [...node.names.values()].reduce((sum, n) => sum + sizeOf(n), 0);
}

function survivorOf(node: Node, loss: PowerCutLoss): Node {
  if (!isDirectory(node)) {
    const data = loss === 'nothing' ? node.data : node.durable;
    return { data, durable: data };
  }
  const kept = loss === 'everything' ? node.durable : node.names;
  const names = new Map(
    [...kept].map(([name, child]) => [name, survivorOf(child, loss)]),
  );
  return { names, durable: new Map(names) };
}

/** Copies a node once, however many names it has. */
function copyOf(node: Node, copies: Map<Node, Node>): Node {
  const present = copies.get(node);
  if (present !== undefined) return present;
  if (!isDirectory(node)) {
    const file = { ...node };
    copies.set(node, file);
    return file;
  }
  const directory = emptyDirectory();
  copies.set(node, directory);
  for (const [name, child] of node.names) {
    directory.names.set(name, copyOf(child, copies));
  }
  for (const [name, child] of node.durable) {
    directory.durable.set(name, copyOf(child, copies));
  }
  return directory;
}

function failure(code: string, subject: string): Error {
  return Object.assign(new Error(`${code}: ${subject}`), { code });
}

/** A small good snapshot: elements 2 to 6 of 10, all numbers by version. */
export function snapshotOf(version: number): Snapshot {
  return {
    version,
    epoch: 1,
    stepInEpoch: 2,
    runId: 'run-a',
    configFingerprint: 'f00d',
    seed: 7,
    begin: 2,
    end: 6,
    numParameters: 10,
    parameters: Float32Array.of(version, -0, 2 ** -149, 1 / 3),
    optimizer: {
      name: 'adam',
      slots: {
        m: Float32Array.of(-1, 0, 1, version / 7),
        v: Float32Array.of(4, 3, 2, 1),
      },
    },
    ledger: { examplesApplied: 128 * version, losses: [0.5, null, 'x'] },
  };
}

/**
 * Random numbers from a seed, the same on every machine: mulberry32 (T. Ettinger,
 * public domain).
 *
 * @returns a function that gives the next integer, from 0 and below `limit`.
 */
export function seededIntegers(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    const unit = ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
    return Math.floor(unit * limit);
  };
}
