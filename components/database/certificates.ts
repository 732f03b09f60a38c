/** Certificate of the CA, and certificate and key of root. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}
