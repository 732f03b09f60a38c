import type { CertificateRecipe, PasswordRecipe, Recipes } from '../../../jobs/plan.ts';
import { type Evaluation, isSecret, type Resource, type Value } from '../../lib/program/resources.ts';
import { generatedName } from './placeholders.ts';

type Table = { readonly [key: string]: Value };

/** How the program has its providers make passwords and certificates: the same names, lengths, usages and times, read from its inputs. */
export function recipes({ resources }: Evaluation): Recipes {
  const certificates = resources.flatMap((resource) => certificate(resource, resources));
  // The CA comes first: it signs the others.
  certificates.sort((a, b) => Number(a.signedBy !== null) - Number(b.signedBy !== null) || byName(a, b));
  return { passwords: passwords({ resources }), certificates };
}

/** Every password that is generated, by name. */
export function passwords({ resources }: Pick<Evaluation, 'resources'>): PasswordRecipe[] {
  return resources
    .filter(({ type }) => type === 'random:index/randomPassword:RandomPassword')
    .map(({ name, inputs }) => {
      // What the Job makes has letters and digits only.
      if (inputs.special !== false)
        throw new Error(`${name} may hold other characters than letters and digits`);
      return { name, length: Number(inputs.length) };
    })
    .sort(byName);
}

function certificate({ type, name, inputs }: Resource, all: readonly Resource[]): CertificateRecipe[] {
  if (type === 'tls:index/selfSignedCert:SelfSignedCert')
    return [
      { name, key: generatedName(inputs.privateKeyPem), signedBy: null, ...asked(inputs), ...terms(inputs) },
    ];
  if (type !== 'tls:index/locallySignedCert:LocallySignedCert') return [];
  const request = all.find((one) => one.name === generatedName(inputs.certRequestPem));
  if (request === undefined) throw new Error(`${name} has no request`);
  return [
    {
      name,
      key: generatedName(request.inputs.privateKeyPem),
      signedBy: generatedName(inputs.caCertPem),
      ...asked(request.inputs),
      ...terms(inputs),
    },
  ];
}

function asked(inputs: Table) {
  const { commonName, organization } = inputs.subject as Table;
  return {
    subject: { commonName: String(commonName), organization: String(organization) },
    dnsNames: texts(inputs.dnsNames),
    ipAddresses: texts(inputs.ipAddresses),
  };
}

function terms(inputs: Table) {
  return { hours: Number(inputs.validityPeriodHours), usages: texts(inputs.allowedUses) };
}

function texts(value: Value | undefined): string[] {
  const open = isSecret(value) ? value.shape : value;
  return Array.isArray(open) ? open.map(String) : [];
}

const byName = (a: { readonly name: string }, b: { readonly name: string }) => (a.name < b.name ? -1 : 1);
