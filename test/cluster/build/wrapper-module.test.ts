import { describe, expect, it } from 'vitest';
import { isNewEnough } from './go-toolchain.ts';
import { linkerFlags, wrapperGoMod } from './wrapper-module.ts';

const target = { module: 'example.test/app', version: 'v1.35.4', packages: { app: 'example.test/app' } };

describe('the module that a program is built from', () => {
  it('requires the pinned version and replaces nothing when upstream replaces nothing', () => {
    expect(wrapperGoMod(target, { Require: [{ Path: 'a', Version: 'v1.0.0' }], Replace: null })).toBe(
      'module mailers.test/cluster\ngo 1.26.0\nrequire example.test/app v1.35.4\n',
    );
  });

  it('takes staging folders from where they are published', () => {
    const upstream = {
      Require: [{ Path: 'k8s.io/api', Version: 'v0.0.0' }],
      Replace: [{ Old: { Path: 'k8s.io/api' }, New: { Path: './staging/src/k8s.io/api' } }],
    };
    expect(wrapperGoMod(target, upstream)).toContain('replace k8s.io/api => k8s.io/api v0.35.4');
  });

  it('repeats a replacement by another module, and drops one by a folder that is published under its own version', () => {
    const upstream = {
      Replace: [
        { Old: { Path: 'a' }, New: { Path: 'b', Version: 'v1.2.3' } },
        { Old: { Path: 'c' }, New: { Path: '../c' } },
      ],
    };
    const goMod = wrapperGoMod(target, upstream);
    expect(goMod).toContain('replace a => b v1.2.3');
    expect(goMod).not.toContain('../c');
  });

  it('stamps the version into the program', () => {
    expect(linkerFlags({ 'p.version': 'v1' })).toBe('-s -w -X p.version=v1');
  });
});

describe('a Go that is new enough', () => {
  it.each([
    ['go version go1.26.8 linux/amd64', true],
    ['go version go1.27rc1 linux/arm64', true],
    ['go version go2.0.0 darwin/arm64', true],
    ['go version go1.25.9 linux/amd64', false],
    ['', false],
  ])('%j: %s', (output, isEnough) => {
    expect(isNewEnough(output)).toBe(isEnough);
  });
});
