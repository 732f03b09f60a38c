import * as k8s from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import * as tls from '@pulumi/tls';
import { Component } from './component.ts';
import { labels, namesOf, USERS } from './names.ts';

const HOURS_A_YEAR = 8760;

export interface CertificatesArgs {
  /**
   * Namespace of the database. The node certificate names its Services.
   * @example 'crdb'
   */
  readonly namespace: pulumi.Input<string>;
  /**
   * Name of the CrdbCluster. The Secrets are `<cluster>-node-tls`, `<cluster>-root-tls` and `<cluster>-loadgen-tls`.
   * @default 'crdb'
   * @example 'orders'
   */
  readonly cluster?: pulumi.Input<string>;
}

/**
 * The cluster's own CA (valid for 10 years), and the certificates of the nodes, of the user root and of the load generator's user
 * (valid for 2 years).
 *
 * The operator could issue the certificates of the nodes and root, but without the names of the writer and reader Services, so that
 * clients could not verify them. RSA with 2048 bits and these usages are what CockroachDB documents
 * (create-security-certificates-openssl). Pods read the certificates when they start: a renewal takes a rolling restart.
 *
 * @example
 * const certificates = new Certificates('certificates', { namespace: 'crdb' });
 */
export class Certificates extends Component<CertificatesArgs> {
  /** Certificate of the CA, in PEM. Clients verify the database with it; it is not secret. */
  readonly ca: pulumi.Output<string>;
  /** Name of the Secret with the certificate of the nodes. */
  readonly nodeSecret: pulumi.Output<string>;
  /** Name of the Secret with the client certificate of the user root. */
  readonly rootSecret: pulumi.Output<string>;
  /** Name of the Secret with the client certificate of the load generator's user: no password on its command line. */
  readonly loadSecret: pulumi.Output<string>;

  constructor(name: string, args: CertificatesArgs, opts?: pulumi.ComponentResourceOptions) {
    super('Certificates', name, args, opts);
    const child = this.childOptions;
    const ca = makeCa(`${name}-ca`, child);
    const secrets = pulumi.output(args.cluster).apply(namesOf);
    const names = pulumi
      .all([args.namespace, args.cluster])
      .apply(([where, cluster]) => nodeNames(where, cluster));
    const node = issue(`${name}-node`, ca, { user: 'node', server: true, names }, child);
    const root = issue(`${name}-root`, ca, { user: 'root', server: false }, child);
    const load = issue(`${name}-load`, ca, { user: USERS.load, server: false }, child);
    const store = (part: string, secret: pulumi.Output<string>, pair: Pair) =>
      new k8s.core.v1.Secret(
        `${name}-${part}-secret`,
        {
          metadata: {
            name: secret,
            namespace: args.namespace,
            labels: secret.apply((value) => labels(value, 'database')),
          },
          stringData: {
            'ca.crt': ca.certificate.certPem,
            'tls.crt': pair.certificate,
            'tls.key': pair.key,
          },
        },
        child,
      ).metadata.name;

    this.ca = ca.certificate.certPem;
    this.nodeSecret = store('node', secrets.nodeSecret, node);
    this.rootSecret = store('root', secrets.rootSecret, root);
    this.loadSecret = store('load', secrets.loadSecret, load);
    this.registerOutputs({
      ca: this.ca,
      nodeSecret: this.nodeSecret,
      rootSecret: this.rootSecret,
      loadSecret: this.loadSecret,
    });
  }
}

/** Every name by which clients reach a node. */
export function nodeNames(namespace: string, cluster?: string): { dns: string[]; ip: string[] } {
  const { cluster: pods, public: operator, writer, reader } = namesOf(cluster);
  const forms = (name: string) =>
    ['', `.${namespace}`, `.${namespace}.svc`, `.${namespace}.svc.cluster.local`].map((end) => name + end);
  return {
    dns: [
      'localhost',
      // The pods, by the headless Service; what the operator connects to; what applications connect to.
      ...[`*.${pods}`, operator, writer, reader].flatMap(forms),
    ],
    ip: ['127.0.0.1', '::1'],
  };
}

interface Ca {
  readonly key: tls.PrivateKey;
  readonly certificate: tls.SelfSignedCert;
}

function makeCa(name: string, child: pulumi.CustomResourceOptions): Ca {
  const key = makeKey(name, child);
  const certificate = new tls.SelfSignedCert(
    name,
    {
      privateKeyPem: key.privateKeyPem,
      subject: subject('CockroachDB Live Evolution CA'),
      isCaCertificate: true,
      setSubjectKeyId: true,
      validityPeriodHours: 10 * HOURS_A_YEAR,
      allowedUses: ['digital_signature', 'key_encipherment', 'cert_signing', 'crl_signing'],
    },
    child,
  );
  return { key, certificate };
}

interface Holder {
  /** CockroachDB takes the common name for the SQL user; `node` for the nodes themselves. */
  readonly user: string;
  /** Whether it serves. Every holder is a client too: nodes are each other's. */
  readonly server: boolean;
  readonly names?: pulumi.Output<{ dns: string[]; ip: string[] }>;
}

interface Pair {
  readonly certificate: pulumi.Output<string>;
  readonly key: pulumi.Output<string>;
}

function issue(name: string, ca: Ca, holder: Holder, child: pulumi.CustomResourceOptions): Pair {
  const key = makeKey(name, child);
  const request = new tls.CertRequest(
    `${name}-request`,
    {
      privateKeyPem: key.privateKeyPem,
      subject: subject(holder.user),
      ...(holder.names ? { dnsNames: holder.names.dns, ipAddresses: holder.names.ip } : {}),
    },
    child,
  );
  const certificate = new tls.LocallySignedCert(
    name,
    {
      certRequestPem: request.certRequestPem,
      caPrivateKeyPem: ca.key.privateKeyPem,
      caCertPem: ca.certificate.certPem,
      setSubjectKeyId: true,
      validityPeriodHours: 2 * HOURS_A_YEAR,
      allowedUses: [
        'digital_signature',
        'key_encipherment',
        ...(holder.server ? ['server_auth'] : []),
        'client_auth',
      ],
    },
    child,
  );
  return { certificate: certificate.certPem, key: key.privateKeyPem };
}

function makeKey(name: string, child: pulumi.CustomResourceOptions): tls.PrivateKey {
  return new tls.PrivateKey(`${name}-key`, { algorithm: 'RSA', rsaBits: 2048 }, child);
}

function subject(commonName: string) {
  return { commonName, organization: 'Cockroach' };
}
