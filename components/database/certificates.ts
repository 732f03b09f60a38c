/** The certificate authority, and the certificate and key of root. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}
