import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { markdownFiles, read } from './support/repository.ts';

const INDEX = 'docs/runbooks/README.md';
const RUNBOOKS = markdownFiles().filter((file) => file.startsWith('docs/runbooks/') && file !== INDEX);

const ALERTS = ['database', 'app', 'scrape'].flatMap((name) => {
  const { groups } = parse(read(`alerts/${name}.yml`)) as { groups: { rules: { alert?: string }[] }[] };
  return groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? []));
});

/** What the dashboards call their panels. */
const PANELS = ['cockroachdb-evolution', 'cockroachdb-overview', 'sample-app'].flatMap((name) => {
  interface Panel {
    title?: string;
    panels?: Panel[];
  }
  const titles = ({ title = '', panels = [] }: Panel): string[] => [title, ...panels.flatMap(titles)];
  return titles(JSON.parse(read(`dashboards/${name}.json`)) as Panel);
});

describe('the runbooks', () => {
  it('are those that day 2 asks for, each in the list', () => {
    const names = RUNBOOKS.map((file) => file.replace(/^.*\/|\.md$/g, ''));
    expect(names).toEqual([
      'backup-schedule',
      'capacity',
      'certificates',
      'diagnostics',
      'disk-full',
      'node-loss',
      'passwords',
      'quorum-loss',
      'restore',
      'scale-out',
      'upgrade',
    ]);
    for (const name of names) expect(read(INDEX)).toContain(`(${name}.md)`);
  });

  it.each(RUNBOOKS)('%s has one form: symptom, check, do, verify', (file) => {
    const headings = [...read(file).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings.slice(0, 4)).toEqual(['Symptom', 'Check', 'Do', 'Verify']);
  });

  it.each([...RUNBOOKS, INDEX, 'demo/DEMO.md'])('%s names alerts and panels that there are', (file) => {
    // Code that begins with a capital letter and is no error, path, SQL or name of Kubernetes.
    const spans = read(file)
      .replace(/^( {4}|```).*$/gm, '')
      .match(/`[A-Z][^`\n]*`/g);
    const named = [...new Set(spans?.map((span) => span.slice(1, -1)))];
    expect(
      named.filter((name) => !PANELS.includes(name) && !ALERTS.includes(name) && !isOther(name)),
    ).toEqual([]);
  });

  it('say for each critical alert of the database what to do', () => {
    const all = RUNBOOKS.map(read).join('\n');
    const { groups } = parse(read('alerts/database.yml')) as {
      groups: { rules: { alert?: string; labels?: { severity?: string } }[] }[];
    };
    const critical = groups.flatMap(({ rules }) =>
      rules.flatMap(({ alert, labels }) => (labels?.severity === 'critical' && alert ? [alert] : [])),
    );
    expect(critical.length).toBeGreaterThan(3);
    expect(critical.filter((alert) => !all.includes(alert))).toEqual([]);
  });
});

/** SQL, states and kinds of Kubernetes, environment variables. */
function isOther(name: string): boolean {
  const kubernetes = /^(Pending|Terminating|NotReady|CrdbCluster|GROWS|LocallySignedCert|RandomPassword)$/;
  return (
    /^[A-Z]+$|^[A-Z]{2,}[ _]|^(GRANT|INSERT|ALTER|WITH)\b|^AWS_|^EVO-|^Authorization|^Pulumi\./.test(name) ||
    kubernetes.test(name)
  );
}
