// When node_modules counts as complete, and what npm's failures are called.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { causeOf, firstDifference, missingPackage } from './steps/packages.mjs';
import { temporaryFolder, writeFiles } from './temporary-folder.js';
import { workspaceAt } from './workspace.mjs';

describe('firstDifference', () => {
  const wanted = {
    '': {},
    'libs/data': { version: '0.1.0' },
    'node_modules/@muster/data': { link: true },
    'node_modules/ws': { version: '8.23.0' },
    'node_modules/nx-darwin': { version: '1.0.0', optional: true },
  };
  const installed = {
    'node_modules/@muster/data': { link: true },
    'node_modules/ws': { version: '8.23.0' },
  };

  it('is none when only what is optional is absent', () => {
    expect(firstDifference(wanted, installed)).toBe('');
  });

  it('names a package that is absent', () => {
    const { 'node_modules/@muster/data': link } = installed;
    const without = { 'node_modules/@muster/data': link };
    expect(firstDifference(wanted, without)).toBe(
      'node_modules/ws is not installed',
    );
  });

  it('names a package of another version, optional or not', () => {
    const older = { version: '0.9.0' };
    expect(
      firstDifference(wanted, { ...installed, 'node_modules/ws': older }),
    ).toBe('node_modules/ws is 0.9.0, expected 8.23.0');
    const optional = { ...installed, 'node_modules/nx-darwin': older };
    expect(firstDifference(wanted, optional)).toBe(
      'node_modules/nx-darwin is 0.9.0, expected 1.0.0',
    );
  });
});

describe('missingPackage', () => {
  const lock = JSON.stringify({
    packages: { '': {}, 'node_modules/ws': { version: '8.23.0' } },
  });

  it('is none once lock file, its copy in node_modules and folders agree', () => {
    const root = temporaryFolder();
    const workspace = workspaceAt(root);
    expect(missingPackage(workspace)).toBe('package-lock.json cannot be read');
    writeFiles(root, { 'package-lock.json': lock });
    expect(missingPackage(workspace)).toBe('node_modules is missing');
    writeFiles(root, {
      'node_modules/.package-lock.json': JSON.stringify({
        packages: { 'node_modules/ws': { version: '8.23.0' } },
      }),
    });
    expect(missingPackage(workspace)).toBe('node_modules/ws is missing');
    writeFiles(root, { 'node_modules/ws/package.json': '{}' });
    expect(missingPackage(workspace)).toBe('');
    rmSync(join(root, 'node_modules/ws'), { recursive: true });
    expect(missingPackage(workspace)).toBe('node_modules/ws is missing');
  });
});

describe('causeOf', () => {
  it.each([
    ['code ENOTFOUND', /registry cannot be reached/],
    ['code ECONNREFUSED', /registry cannot be reached/],
    ['code SELF_SIGNED_CERT_IN_CHAIN', /certificate/],
    ['code E401', /npm login/],
    ['code E404', /lacks a package/],
    ['code ENOSPC', /disk is full/],
    ['code EINTEGRITY', /not the one in package-lock/],
    ['code EUSAGE', /npm install/],
  ])('says what %s means', (line, meaning) => {
    expect(causeOf(`npm error ${line}\n`)).toMatch(meaning);
    expect(causeOf(`npm ERR! ${line}\n`)).toMatch(meaning);
  });

  it("adds npm's first telling line, and has only that for what is unknown", () => {
    const output = 'npm warn old\nnpm error code EODD\nnpm error it is odd\n';
    expect(causeOf(output)).toBe('it is odd');
    expect(causeOf('npm error code E401\nnpm error no token\n')).toMatch(
      /npm login.*npm says: no token$/,
    );
    expect(causeOf('')).toBe('npm did not say why');
  });
});
