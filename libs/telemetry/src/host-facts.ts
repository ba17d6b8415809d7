/**
 * What a process runs on: said once in its log, so that a report can tell
 * which machine a figure is of.
 */
import {
  availableParallelism,
  cpus,
  hostname,
  release,
  totalmem,
} from 'node:os';
import { arch, platform, version } from 'node:process';

/** What `process-started` tells of a machine. */
export interface HostFacts {
  readonly [fact: string]: string | number;
  readonly host: string;
  /** The name of its first processor; empty where that is not known. */
  readonly processor: string;
  /** Cores that this process may use. */
  readonly cores: number;
  /** Of the machine, in bytes. */
  readonly memoryBytes: number;
  /** Name, release and architecture: `linux 6.1.0 x64`. */
  readonly system: string;
  /** The version of Node, without the v. */
  readonly node: string;
}

/** Looks at the machine that this process is on. */
export function hostFacts(): HostFacts {
  return {
    host: hostname(),
    processor: cpus()[0]?.model.trim() ?? '',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${platform} ${release()} ${arch}`,
    node: version.replace(/^v/, ''),
  };
}
