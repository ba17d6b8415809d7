/**
 * The two small files of a checkpoint: `manifest.json` says what the numbers
 * are and what their file must be; `SHA256SUMS` vouches for both (and
 * `sha256sum -c SHA256SUMS` checks a checkpoint by hand).
 */
import { createHash, webcrypto } from 'node:crypto';
import { z } from 'zod';

/** The numbers: tensors `parameters` and `optimizer/<slot>`. */
export const SHARD_FILE = 'shard-0000.safetensors';
/** What the numbers are. */
export const MANIFEST_FILE = 'manifest.json';
/** Checksums of the other two, in the format of coreutils. */
export const SUMS_FILE = 'SHA256SUMS';

const whole = z.int().min(0);
const name = z.string().min(1).max(200);

/** `manifest.json`; raise `schema` with any change. */
export const manifestSchema = z.strictObject({
  schema: z.literal(1),
  version: whole,
  epoch: whole,
  stepInEpoch: whole,
  runId: name,
  configFingerprint: name,
  seed: whole.max(2 ** 32 - 1),
  begin: whole,
  end: whole,
  numParameters: whole,
  optimizer: z.strictObject({ name, slots: z.array(name).max(16) }),
  ledger: z.json(),
  files: z.tuple([
    z.strictObject({
      name: z.literal(SHARD_FILE),
      bytes: whole,
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ]),
});

/** `manifest.json`. */
export type Manifest = z.infer<typeof manifestSchema>;

/** Below this the hand-over to another thread costs more than the work. */
const SMALL_BYTES = 2 ** 16;

/**
 * SHA-256 in lower-case hex; that of a large file is computed outside the
 * event loop, which the 7 MB of a checkpoint would hold up for 10 to 20 ms.
 */
export async function sha256Of(bytes: Uint8Array): Promise<string> {
  if (bytes.length < SMALL_BYTES) {
    return createHash('sha256').update(bytes).digest('hex');
  }
  const digest = await webcrypto.subtle.digest('SHA-256', bytes);
  return Buffer.from(digest).toString('hex');
}

/** One line of {@link SUMS_FILE}. */
export function sumsLine(sha256: string, file: string): string {
  return `${sha256}  ${file}\n`;
}
