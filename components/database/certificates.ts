import { CLUSTER, ROOT_SECRET } from '../names.ts';
import type { Kubernetes } from './kubernetes.ts';
import { stop } from './waiting.ts';

/** The certificate authority, and the certificate and key of root. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export async function readCertificates(kubernetes: Kubernetes): Promise<Certificates> {
  const secret = await kubernetes.secret(ROOT_SECRET);
  const { 'ca.crt': ca, 'tls.crt': cert, 'tls.key': key } = secret ?? {};
  if (ca && cert && key) return { ca, cert, key };
  throw stop(
    `The Secret ${ROOT_SECRET} of namespace ${kubernetes.namespace} ${secret === null ? 'is not there' : 'lacks ca.crt, tls.crt or tls.key'}: it holds the certificate of root, and is made by this program (Certificates).`,
  );
}

/** The name that a node's certificate holds for its pod. */
export const hostOf = (kubernetes: Kubernetes, pod: string) => `${pod}.${CLUSTER}.${kubernetes.namespace}`;
