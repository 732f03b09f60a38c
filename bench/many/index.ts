// Parts of the real program, as often as the setting says: about 30 resources a copy.
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { Certificates } from '../../components/certificates.ts';
import { Namespaces } from '../../components/namespaces.ts';
import { NetworkPolicies } from '../../components/network.ts';
import { Services } from '../../components/services.ts';

const copies = new pulumi.Config().requireNumber('copies');
const provider = new kubernetes.Provider('kubernetes', {});
for (let copy = 0; copy < copies; copy += 1) {
  const name = (part: string) => `${part}-${copy}`;
  const places = { database: name('db'), app: name('app'), observability: name('obs') };
  const namespaces = new Namespaces(name('namespaces'), places, { provider });
  new Certificates(name('certificates'), { namespace: namespaces.database }, { provider });
  new Services(name('services'), { namespace: namespaces.database }, { provider });
  const network = { ...places, backupDestination: 'nodelocal://1/backups', appPublic: false };
  new NetworkPolicies(name('network'), network, { provider, dependsOn: namespaces });
}
