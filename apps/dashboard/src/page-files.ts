/**
 * The files of the live page, for whoever serves them: small, fixed, and all
 * that a browser may ask for besides the feed.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One file, in memory. */
export interface PageFile {
  /** Path of the address, `/` for the page itself. */
  readonly path: string;
  /** For the header `content-type`. */
  readonly contentType: string;
  readonly body: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/**
 * Reads all files of the page: what TypeScript made of `src/page`, the folder
 * `assets`, and uPlot out of its package.
 * @throws an error of the file system when the page was not built.
 */
export function pageFiles(): readonly PageFile[] {
  const uplot = dirname(createRequire(import.meta.url).resolve('uplot'));
  return [
    ...folder(new URL('../assets/', import.meta.url)),
    ...folder(new URL('../dist/browser/page/', import.meta.url)),
    file(join(uplot, 'uPlot.iife.min.js'), '/uplot.js'),
    file(join(uplot, 'uPlot.min.css'), '/uplot.css'),
  ];
}

function folder(url: URL): PageFile[] {
  const path = fileURLToPath(url);
  return readdirSync(path)
    .filter((name) => /(?<!\.spec)\.(html|css|js|svg)$/.test(name))
    .map((name) =>
      file(join(path, name), name === 'index.html' ? '/' : `/${name}`),
    );
}

function file(from: string, path: string): PageFile {
  const contentType = TYPES[from.slice(from.lastIndexOf('.') + 1)] ?? '';
  return { path, contentType, body: readFileSync(from) };
}
