import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Found, KIND_CONFIG, MADE_BY_DEMO, planDemo, typed, type Wish } from './plan.ts';

const FOUND: Found = {
  kindClusters: [],
  stacks: [],
  phases: ['phase0', 'phase1'],
  appImage: 'sample-app:0.1.0',
};
const WISH: Wish = { context: undefined, image: undefined, ask: false };
const commands = (wish: Partial<Wish> = {}, found: Partial<Found> = {}) =>
  planDemo({ ...WISH, ...wish }, { ...FOUND, ...found })?.steps.map(({ command }) =>
    typed(command, 'npx pulumi'),
  );

const IMAGE = [
  'docker build -f app/Dockerfile -t sample-app:0.1.0 .',
  'kind load docker-image sample-app:0.1.0 --name crdb-evolution',
];

describe('the plan of the demo', () => {
  it('goes from nothing to phase 0', () => {
    expect(commands()).toEqual([
      'kind create cluster --name crdb-evolution --config cli/commands/demo/kind.yaml --wait 120s',
      ...IMAGE,
      'npx pulumi stack init phase0 --no-select',
      'npx pulumi config set context kind-crdb-evolution --stack phase0',
      'npx pulumi stack init phase1 --no-select',
      'npx pulumi config set context kind-crdb-evolution --stack phase1',
      'npx pulumi up --stack phase0 --yes',
    ]);
  });

  it('makes nothing twice', () => {
    expect(commands({}, { kindClusters: ['other', 'crdb-evolution'], stacks: ['phase0', 'phase1'] })).toEqual(
      [
        ...IMAGE,
        'npx pulumi config set context kind-crdb-evolution --stack phase0',
        'npx pulumi config set context kind-crdb-evolution --stack phase1',
        'npx pulumi up --stack phase0 --yes',
      ],
    );
  });

  it('lets Pulumi ask, unless it is told to ask nothing', () => {
    expect(commands({ ask: true })?.at(-1)).toBe('npx pulumi up --stack phase0');
  });

  it('takes the cluster that it is told to, and loads the image where that is kind', () => {
    expect(commands({ context: 'kind-mine' })?.slice(0, 2)).toEqual([
      IMAGE[0],
      'kind load docker-image sample-app:0.1.0 --name mine',
    ]);
    expect(commands({ context: 'kind-mine' })).toContain(
      'npx pulumi config set context kind-mine --stack phase1',
    );
  });

  it('needs an image from a registry for any other cluster, and then neither docker nor kind', () => {
    expect(planDemo({ ...WISH, context: 'eks' }, FOUND)).toBeNull();
    const plan = planDemo({ ...WISH, context: 'eks', image: 'registry.example/app:1' }, FOUND);
    expect(plan).toMatchObject({ tools: [], makesCluster: false, context: 'eks' });
    expect(commands({ context: 'eks', image: 'registry.example/app:1' })).toContain(
      'npx pulumi config set appImage registry.example/app:1 --stack phase0',
    );
  });

  it('has a cluster in the repository whose nodes it recognises', () => {
    const config = parse(readFileSync(join(__dirname, '../../..', KIND_CONFIG), 'utf8'));
    expect(config).toMatchObject({ kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4' });
    for (const node of config.nodes) expect(node.labels).toEqual({ [MADE_BY_DEMO]: 'true' });
  });
});
