import { SECRET_SETTINGS } from '../../../components/settings.ts';
import { type Diagnosis, missing, note, ok } from '../../lib/diagnosis/diagnosis.ts';
import type { Machine } from '../../lib/diagnosis/machine.ts';
import { cliError } from '../../lib/errors.ts';
import { findPassphrase } from '../../lib/pulumi/passphrase.ts';

/** Ports of this machine that the commands in the outputs `open` use. */
const PORTS = { 'the page': 8080, Prometheus: 9090, Grafana: 3000 } as const;

/** Settings that look like secrets by their name, whoever added them. */
const SECRET_NAME = /passw|passphrase|secret|token|private|credential|api_?key|access_?key|licence|license/i;
/** Parameters of a storage address that are secrets. */
const SECRET_PARAMETER =
  /[?&](AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|CREDENTIALS|AZURE_ACCOUNT_KEY|AZURE_CLIENT_SECRET)=(?!redacted)[^&]/i;

export async function passphrase(machine: Machine): Promise<Diagnosis> {
  const found = findPassphrase(machine.env);
  if ('problem' in found)
    return missing(
      'passphrase',
      `${found.problem}; it encrypts the passwords in the state`,
      "export PULUMI_CONFIG_PASSPHRASE='<one that you keep>'",
    );
  const wrong = await machine.wrongFor(found.text);
  if (wrong.length > 0) {
    const { message } = cliError('EVO-106', { stacks: wrong.join(', ') });
    return missing('passphrase', message, "export PULUMI_CONFIG_PASSPHRASE='<the one that made them>'");
  }
  if (found.text === '')
    return note(
      'passphrase',
      'PULUMI_CONFIG_PASSPHRASE is set and empty: the passwords in the state are as good as open',
    );
  return ok(
    'passphrase',
    found.from === 'file' ? 'PULUMI_CONFIG_PASSPHRASE_FILE holds it' : 'PULUMI_CONFIG_PASSPHRASE is set',
  );
}

export function licence(machine: Machine, stacks: readonly string[]): Diagnosis {
  const without = stacks.filter((stack) => configOf(machine, stack).licence === undefined);
  if (stacks.length > 0 && without.length === 0) return ok('licence', `set for ${stacks.join(', ')}`);
  return note(
    'licence',
    `none for ${without.join(', ')}: after 7 days CockroachDB allows 5 open transactions at a time. A free key: https://cockroachlabs.com/docs/stable/licensing-faqs`,
    without.map((stack) => `npx pulumi config set --secret licence -s ${stack}`).join(' && '),
  );
}

/** A finding for each secret that stands in clear in a stack's file. */
export function openSecrets(machine: Machine, stacks: readonly string[]): Diagnosis[] {
  const found = stacks.flatMap((stack) =>
    Object.entries(configOf(machine, stack)).flatMap(([key, value]) => {
      if (typeof value !== 'string' || value === '') return [];
      const file = `Pulumi.${stack}.yaml`;
      if ((SECRET_SETTINGS as readonly string[]).includes(key) || SECRET_NAME.test(key))
        return [
          missing(
            'secrets',
            `${key} stands in clear in ${file}. Whoever has read the file knows it: change it as well`,
            `npx pulumi config set --secret ${key} -s ${stack}   # asks for the value`,
          ),
        ];
      // The address itself is printed and kept in the state: its keys belong elsewhere.
      return SECRET_PARAMETER.test(value)
        ? [
            missing(
              'secrets',
              `${key} in ${file} holds a key in clear. Use the identity of the pods instead, and change the key`,
              `npx pulumi config set ${key} '${value.replace(/\?.*$/, '')}?AUTH=implicit' -s ${stack}`,
            ),
          ]
        : [];
    }),
  );
  return found.length > 0 ? found : [ok('secrets', 'none stands in clear in a file of a stack')];
}

export async function ports(machine: Machine): Promise<Diagnosis[]> {
  const taken: Diagnosis[] = [];
  for (const [what, port] of Object.entries(PORTS))
    if (!(await machine.isFree(port)))
      taken.push(
        note(
          'ports',
          `${port} is in use on this machine; the command in the outputs leads ${what} there`,
          `lsof -i :${port}   # or give another one: kubectl ... port-forward ... ${port + 1}:<port of the service>`,
        ),
      );
  return taken.length > 0 ? taken : [ok('ports', `${Object.values(PORTS).join(', ')} are free`)];
}

/** The settings of a stack's own file, without the project's name. */
function configOf(machine: Machine, stack: string): Record<string, unknown> {
  const config = (machine.stackFile(stack)?.config ?? {}) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key.replace(/^.*:/, ''), value]));
}
