/**
 * What a worker shows its servers, and what they have to show, out of its
 * settings; files are read each time, as they may be replaced.
 */
import type { Logger } from '@muster/telemetry';
import { createLogin, readTls, readTokenFile } from '@muster/transport';
import type { Login, TlsOptions } from '@muster/transport';
import type { WorkerConfig } from './config.js';

/** See the head of this file. */
export class WorkerAccess {
  readonly #config: WorkerConfig;
  readonly #log: Logger;
  /** What was said of the token file last. */
  #warned: string | undefined;

  /** @param log hears once of a token file that others may read. */
  constructor(config: WorkerConfig, log: Logger) {
    this.#config = config;
    this.#log = log;
  }

  /**
   * The token that servers want, if there is one.
   * @throws MusterError `ERR_CONFIG`.
   */
  readonly readToken = async (): Promise<string | undefined> => {
    const { WORKER_TOKEN_FILE: file } = this.#config;
    if (file === undefined) return undefined;
    const { token, warning } = await readTokenFile(file);
    if (warning !== undefined && warning !== this.#warned) {
      this.#log.warn('token-file', { message: warning });
      this.#warned = warning;
    }
    return token;
  };

  /**
   * Certificates, where TLS is wanted.
   * @throws MusterError `ERR_CONFIG`, `ERR_TLS`.
   */
  readonly readTls = (): TlsOptions | undefined =>
    readTls({
      cert: this.#config.WORKER_TLS_CERT,
      key: this.#config.WORKER_TLS_KEY,
      ca: this.#config.WORKER_TLS_CA,
    });

  /**
   * Judges who asks for metrics, where they want a token.
   * @throws MusterError `ERR_CONFIG`.
   */
  async metricsLogin(): Promise<Login | undefined> {
    const { WORKER_METRICS_TOKEN_FILE: file } = this.#config;
    if (file === undefined) return undefined;
    const { token } = await readTokenFile(file, '--metrics-token-file');
    const worker = await this.readToken();
    return createLogin('dashboard', { worker, dashboard: token });
  }
}
