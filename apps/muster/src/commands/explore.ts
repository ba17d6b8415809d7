/**
 * `muster explore`: the notebook's first half, a look at the data.
 */
import { writeFile } from 'node:fs/promises';
import { encodePng, explore, loadDataset } from '@muster/data';
import { MusterError } from '@muster/protocol';
import { print, printJson, settingsFor } from './context.js';
import type { Context } from './context.js';

/** Runs the command; gives the exit code. */
export async function exploreCommand(
  flags: Readonly<Record<string, unknown>>,
  target: { index: string | undefined; png: string | undefined },
  context: Context,
): Promise<number> {
  const settings = settingsFor('explore', flags, context);
  const dataset = await loadDataset(settings.data);
  const index = indexOf(target.index, dataset.train.count);
  const seen = explore(dataset, {
    ...(index !== undefined && { index }),
    colors: colorsOf(context.stdout),
  });
  const { image, ...picture } = seen.picture;
  const png = target.png ?? `explore-${picture.index}.png`;
  const { rows, columns } = dataset;
  await writePicture(png, encodePng(image, rows, columns, { scale: 10 }));
  if (settings.json) {
    const { arrays, label, imagesPerClass } = seen;
    printJson(context.stdout, { arrays, label, picture, imagesPerClass, png });
    return 0;
  }
  print(context.stdout, seen.text);
  print(context.stdout, `picture written to ${png}`);
  return 0;
}

async function writePicture(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MusterError(
      'ERR_CONFIG',
      `cannot write the picture ${path}: ${reason} (--png)`,
      { cause },
    );
  }
}

/** What the terminal can show. */
function colorsOf(
  stream: NodeJS.WriteStream,
): 'plain' | 'ansi256' | 'truecolor' {
  if (!stream.isTTY) return 'plain';
  const depth = stream.getColorDepth();
  if (depth >= 24) return 'truecolor';
  return depth >= 8 ? 'ansi256' : 'plain';
}

function indexOf(text: string | undefined, count: number): number | undefined {
  if (text === undefined) return undefined;
  const index = Number(text);
  if (Number.isInteger(index) && index >= 0 && index < count) return index;
  throw new MusterError(
    'ERR_CONFIG',
    `--index takes a whole number from 0 to ${count - 1}, got '${text}'`,
  );
}
