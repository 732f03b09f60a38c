import { join } from 'node:path';

export const REPOSITORY = join(__dirname, '../../..');
export const APP = join(REPOSITORY, 'app');
