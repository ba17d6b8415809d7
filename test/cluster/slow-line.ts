/**
 * A slow line between workers and servers: on any machine, however fast, a
 * step takes a while, so that what a test does in the middle of a training
 * does not come after its end.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PRELOADED = fileURLToPath(new URL('slow-line.mjs', import.meta.url));
/** In the folder of a line: it is slow while this file is there. */
const SLOW = 'slow';
/** The folder of a line, and what is preloaded, in a container. */
const INSIDE = { folder: '/line', preloaded: '/slow-line.mjs' };

/** See the head of this file. It is slow until `end`. */
export class SlowLine {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Begins one: a push of the small data set's network takes 30 ms more.
   * @param folder of the test's own.
   */
  static begin(folder: string): SlowLine {
    const line = new SlowLine(join(folder, `line-${randomUUID()}`));
    mkdirSync(line.#folder);
    line.again();
    return line;
  }

  /** For processes of a training, which hand it on to those they start. */
  get env(): Readonly<Record<string, string>> {
    return variables(PRELOADED, this.#folder);
  }

  /** For a container of a worker. */
  get inContainer() {
    const { folder, preloaded } = INSIDE;
    return {
      env: variables(preloaded, folder),
      files: { [folder]: this.#folder, [preloaded]: PRELOADED },
    };
  }

  /** From now on it is slow again. Idempotent. */
  again(): void {
    writeFileSync(join(this.#folder, SLOW), '');
  }

  /** From now on it is as fast as the machine. Idempotent. */
  end(): void {
    rmSync(join(this.#folder, SLOW), { force: true });
  }
}

function variables(
  preloaded: string,
  folder: string,
): Readonly<Record<string, string>> {
  return {
    NODE_OPTIONS: `--import=${preloaded}`,
    CLUSTER_TEST_SLOW_LINE: join(folder, SLOW),
  };
}
