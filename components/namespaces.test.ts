import { expect, it } from 'vitest';
import { namespaces } from './namespaces.ts';

const made = namespaces({ database: 'crdb', app: 'sample-app', observability: 'observability' });

it('each namespace has its name and says what it is for', () => {
  expect(Object.values(made).map((n) => n.metadata.name)).toEqual(['crdb', 'sample-app', 'observability']);
  for (const { metadata } of Object.values(made)) {
    expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/part-of': 'cockroachdb-live-evolution' });
  }
});

it("only the database's namespace lets a container run as root, which the operator's init container does", () => {
  const security = ({ metadata }: { metadata: { labels: Record<string, string> } }) =>
    metadata.labels['pod-security.kubernetes.io/enforce'];
  expect(security(made.database)).toBe('baseline');
  expect(security(made.app)).toBe('restricted');
  expect(security(made.observability)).toBe('restricted');
});
