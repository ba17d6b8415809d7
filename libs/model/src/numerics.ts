/**
 * The numerics fingerprint: a hash of all that can change a gradient's bits.
 * Workers with equal fingerprints compute equal bits from equal inputs.
 */
import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { fingerprintOf } from './canonical-json.js';

/** Raised with any change of this library that can change a gradient's bits. */
export const NETWORK_CODE_VERSION = 2;

/** Variables that choose TensorFlow's kernels or split its sums. */
const ENVIRONMENT = [
  'TF_NUM_INTRAOP_THREADS',
  'TF_NUM_INTEROP_THREADS',
  'OMP_NUM_THREADS',
  'TF_ENABLE_ONEDNN_OPTS',
  'ONEDNN_MAX_CPU_ISA',
  'DNNL_MAX_CPU_ISA',
];

/** Processor features that kernels are chosen by; `flags` of /proc/cpuinfo. */
const FEATURES =
  /^(sse4_[12]|ssse3|avx|avx2|avx512\w*|avx_vnni|avx_ifma|avx10\w*|amx\w*|fma|fma4|f16c|asimd\w*|sve\w*|bf16|i8mm)$/;

/** Where the fingerprint's facts come from; replaced in tests. */
export interface NumericsSource {
  readonly env?: NodeJS.ProcessEnv;
  /** Text of /proc/cpuinfo, or empty where there is none. */
  readonly cpuInfo?: string;
}

function readCpuInfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    // Not Linux: the architecture alone stands for the features.
    return '';
  }
}

/** The first processor's features that kernels are chosen by, sorted. */
export function cpuFeatures(cpuInfo: string): readonly string[] {
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuInfo)?.[1] ?? '';
  const names = line.split(/\s+/).filter((name) => FEATURES.test(name));
  return [...new Set(names)].sort();
}

/**
 * Hashes a backend's name, the library versions and, for native code, the
 * processor's features and the thread settings. SHA-256, 64 hex digits.
 */
export function numericsFingerprint(
  backend: 'tensorflow' | 'wasm',
  versions: Readonly<Record<string, string | boolean>>,
  { env = process.env, cpuInfo = readCpuInfo() }: NumericsSource = {},
): string {
  const native = {
    architecture: process.arch,
    platform: process.platform,
    features: cpuFeatures(cpuInfo),
    environment: ENVIRONMENT.map((name) => [name, env[name] ?? null]),
  };
  return fingerprintOf({
    networkCode: NETWORK_CODE_VERSION,
    backend,
    versions,
    endianness: endianness(),
    ...(backend === 'tensorflow' ? { native } : {}),
  });
}
