/**
 * What the network looks like from within: the filters of the versions that
 * are evaluated, kept until their mistakes are known, so that one version is
 * shown and not two.
 */
import { firstFilters } from '@muster/dashboard';
import type { Mistake, Pictures } from '@muster/dashboard';
import type { TestMistake } from '@muster/data';
import type { RunDefinition } from '@muster/protocol';

/** See the head of this file. */
export class NetworkPictures {
  readonly #run: RunDefinition;
  /** By version, of those that are not evaluated yet: one or two. */
  readonly #filters = new Map<number, Pictures['filters']>();
  /** Shown last. */
  #shown: Pictures['filters'] = null;

  constructor(run: RunDefinition) {
    this.#run = run;
  }

  /**
   * An epoch has ended: its version is going to be evaluated.
   * @param parameters the beginning of them, which the coordinator has; read
   *   at once.
   */
  epochEnded(version: number, parameters: Float32Array): void {
    this.#filters.set(version, firstFilters(this.#run, parameters));
  }

  /**
   * Servers went back to a version, or begin at one: nothing that was made
   * after it is evaluated any more, it may be.
   * @returns what there is to see of it before it is evaluated.
   */
  resumed(version: number, parameters: Float32Array): Pictures {
    this.#filters.clear();
    this.epochEnded(version, parameters);
    return this.#picturesOf(version, []);
  }

  /** The test examples are evaluated: what there is to see of that version. */
  evaluated(version: number, mistakes: readonly TestMistake[]): Pictures {
    const pictures = this.#picturesOf(version, mistakes.map(shownMistake));
    for (const older of this.#filters.keys()) {
      if (older <= version) this.#filters.delete(older);
    }
    return pictures;
  }

  #picturesOf(version: number, mistakes: readonly Mistake[]): Pictures {
    // who took over in between has those of a version behind it
    const filters = this.#filters.get(version) ?? this.#shown;
    this.#shown = filters;
    return { type: 'pictures', version, filters, mistakes };
  }
}

function shownMistake({ image, ...mistake }: TestMistake): Mistake {
  return { ...mistake, image: Buffer.from(image).toString('base64') };
}
