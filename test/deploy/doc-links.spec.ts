/**
 * Links of the documentation: the file is there, and so is the heading in it.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const isPage = (name: string) => name.endsWith('.md');

/** Paths below the root: its own pages, and those of these folders. */
const pages = [
  ...readdirSync(ROOT).filter(isPage),
  ...['docs', 'deploy'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => isPage(path) && !path.includes('node_modules'))
      .map((path) => join(folder, path)),
  ),
];

/** A page without its code, in which nothing is a link or a heading. */
function proseOf(path: string): string {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return text.replaceAll(/```[\s\S]*?```/g, '');
}

/** What GitHub makes of a page's headings; of equal ones only the first. */
function anchorsOf(path: string): string[] {
  return [...proseOf(path).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Links of a page that lead nowhere, as they are written. */
function brokenIn(path: string): string[] {
  const plain = proseOf(path).replaceAll(/`[^`\n]*`/g, '`');
  const links = [...plain.matchAll(/\]\(<?([^)>\s]+)>?\)/g)].map(
    ([, link = '']) => link,
  );
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : join(dirname(path), file);
    if (!existsSync(join(ROOT, target))) return true;
    return anchor !== undefined && !anchorsOf(target).includes(anchor);
  });
}

describe.each(pages)('%s', (page) => {
  it('links to what is there', () => {
    expect(brokenIn(page)).toEqual([]);
  });
});

describe('README.md', () => {
  it('leads to every page of docs/', () => {
    const text = proseOf('README.md');
    const missing = pages.filter(
      (path) => dirname(path) === 'docs' && !text.includes(`](${path})`),
    );
    expect(missing).toEqual([]);
  });
});
