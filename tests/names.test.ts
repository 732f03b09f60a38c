import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CATALOGUE } from '../cli/lib/errors.ts';
import { readMarkdown } from './support/markdown.ts';
import { markdownFiles, read, repositoryFiles } from './support/repository.ts';

describe('names and versions in the documentation', () => {
  const files = repositoryFiles();
  /** What the pattern's group holds, in all Markdown files, each once. */
  const all = (pattern: RegExp) => [
    ...new Set(
      markdownFiles(files).flatMap((file) =>
        [...read(file).matchAll(pattern)].map(([, value]) => value ?? ''),
      ),
    ),
  ];
  const { version, engines } = JSON.parse(read('package.json')) as {
    version: string;
    engines: { node: string };
  };
  const { config: settings } = parse(read('Pulumi.yaml')) as { config: Record<string, { default: unknown }> };

  it('are those of the settings: CockroachDB and the images', () => {
    const cockroach = String(settings.cockroachVersion?.default).replace('v', '');
    expect(all(/(?:CockroachDB (?:v|version )?|grammar \()(\d+\.\d+\.\d+)/g)).toEqual([cockroach]);
    const images = all(/\b((?:prom\/prometheus|grafana\/grafana|sample-app):v?[\d.]*\d)/g);
    // Beside its tag an image may have a digest, which is nothing to read.
    const defaults = Object.values(settings).map((setting) => String(setting.default).replace(/@.*/, ''));
    expect(images.filter((image) => !defaults.includes(image))).toEqual([]);
    expect(images).toContain(settings.appImage?.default);
  });

  it('are those of package.json: Node.js and this release', () => {
    const [, oldest = ''] = /(\d+\.\d+)/.exec(engines.node) ?? [];
    expect(all(/Node(?:\.js)? (\d+\.\d+) or newer/g)).toEqual([oldest]);
    expect(read('CHANGELOG.md')).toContain(`## [${version}]`);
  });

  it('are those of the operator that the program installs', () => {
    const [, release = ''] =
      /operator v(\d+\.\d+\.\d+), as published/.exec(read('components/operator/manifests.ts')) ?? [];
    expect(release).not.toBe('');
    for (const found of all(/operator (?:release |version )?v?(\d+\.\d+\.\d+)/gi))
      expect(found).toBe(release);
  });

  it('are codes of errors that there are', () => {
    const codes = all(/\b(EVO-\d{3})\b/g);
    expect(codes.length).toBeGreaterThan(5);
    expect(codes.filter((code) => !(code in CATALOGUE))).toEqual([]);
  });
});

describe('what the program says to read', () => {
  const files = repositoryFiles();
  const said = (pattern: RegExp) =>
    [...files]
      .filter((file) => /^(index|(components|cli)\/.*(?<!\.test))\.ts$/.test(file))
      .flatMap((file) => [...read(file).matchAll(pattern)].map(([, value]) => value ?? ''));

  it('is there: sections of the README', () => {
    const headings = said(/"([A-Z][\w ]+)" in the README/g);
    expect(headings).toContain('Tear down');
    const { anchors } = readMarkdown(read('README.md'));
    for (const heading of headings) expect(anchors).toContain(heading.toLowerCase().replaceAll(' ', '-'));
  });

  it('is there: pages', () => {
    const pages = said(/\bsee ((?:docs|demo|diagrams)\/[\w./-]+\.md)/g);
    expect(pages).toContain('demo/DEMO.md');
    expect(pages.filter((page) => !files.has(page))).toEqual([]);
  });
});
