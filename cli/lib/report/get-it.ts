import manifest from '../../../package.json';

/** Where the audience can get the project. */
export const GET_IT = [
  `Get it: the repository ${manifest.name}`,
  'Try it, without a cluster: npm ci && npm run rehearse',
] as const;
