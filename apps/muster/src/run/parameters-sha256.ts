/**
 * The one number by which two trainings are compared.
 */
import { createHash } from 'node:crypto';
import { float32Payload } from '@muster/protocol';

/** SHA-256 of parameters as little-endian float32, in hex. */
export function sha256Of(parameters: Float32Array): string {
  return createHash('sha256').update(float32Payload(parameters)).digest('hex');
}
