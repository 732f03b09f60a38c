import { parse, stringify } from 'yaml';
import { repositoryFiles } from '../../components/repository-files.ts';

const HEADER = `# OPTIONAL, for kube-prometheus-stack only: the rules of alerts/ as one PrometheusRule.
# Made from them by \`npm run dashboards\`; the reasons for the thresholds stand there.
`;

/** The rules of `alerts/` as the Prometheus operator wants them. */
export function prometheusRule(): string {
  const groups = Object.values(repositoryFiles('alerts', '.yml')).flatMap(
    (text) => (parse(text) as { groups: unknown[] }).groups,
  );
  return (
    HEADER +
    stringify(
      {
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'PrometheusRule',
        metadata: {
          name: 'cockroachdb-live-evolution',
          labels: { 'app.kubernetes.io/part-of': 'cockroachdb-live-evolution' },
        },
        spec: { groups },
      },
      { lineWidth: 0 },
    )
  );
}
