import manifest from '../../../package.json';

/** Where whoever saw it can have it. */
export const GET_IT = [
  `Get it: the repository ${manifest.name}`,
  'Try it, without a cluster: npm ci && npm run rehearse',
] as const;
