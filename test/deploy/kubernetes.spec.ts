/**
 * `deploy/kubernetes`: everything that can be applied is rendered and is what
 * Kubernetes accepts, its parts know each other, and no pod has more rights
 * than it needs. There is no cluster here: what its API server checks beyond
 * the schemas is not checked.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkCustom, isCustom, jobsOf } from './custom-resources.js';
import {
  copyWithSecrets,
  manifestsIn,
  missingKustomize,
  render,
  renderable,
} from './kubernetes-render.js';
import type { Manifest } from './kubernetes-render.js';
import {
  checkAgainstSchemas,
  KUBERNETES_VERSIONS,
  missingSchemas,
} from './kubernetes-schemas.js';
import { containersOf, podTemplates } from './pod-templates.js';
import type { Container } from './pod-templates.js';
import { SECRETS, TOKEN } from './secrets.js';
import { skipWithout } from './skip-without.js';

const missing = missingKustomize();
let folder: string;
let withoutSchemas: string | undefined;

beforeAll(async () => {
  withoutSchemas = await missingSchemas();
  folder = await mkdtemp(join(tmpdir(), 'muster-kubernetes-'));
  await copyWithSecrets(folder, SECRETS);
}, 240_000);
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach((test) => skipWithout(test, missing));

const nameOf = ({ kind, metadata }: Manifest) => `${kind}/${metadata.name}`;

describe.each(await renderable())('%s', (part) => {
  let text: string;
  let manifests: Manifest[];

  beforeAll(() => {
    if (missing !== undefined) return;
    text = render(folder, part);
    manifests = manifestsIn(text);
  });

  it.for(KUBERNETES_VERSIONS)(
    'is valid for Kubernetes %s',
    async (version, test) => {
      skipWithout(test, withoutSchemas);
      const custom = manifests.filter(isCustom);
      const jobs = custom
        .filter(({ kind }) => kind === 'JobSet')
        .flatMap(jobsOf);
      const own = [...manifests.filter((one) => !isCustom(one)), ...jobs];
      const { passed, wrong } = await checkAgainstSchemas(folder, own, version);
      expect(wrong).toBe('');
      expect(passed).toEqual(own.map((one) => nameOf(one).toLowerCase()));
      expect(custom.map(checkCustom).filter(Boolean)).toEqual([]);
    },
  );

  it('has servers, workers, and nothing twice', () => {
    const names = manifests.map(nameOf);
    expect(new Set(names).size).toBe(names.length);
    const components = podTemplates(manifests).map(
      ({ labels }) => labels['app.kubernetes.io/component'],
    );
    expect(components.sort()).toEqual(['server', 'worker']);
    for (const { metadata, kind } of manifests) {
      expect(metadata.namespace).toBe(
        kind === 'Namespace' ? undefined : 'muster',
      );
      expect(metadata.labels).toMatchObject({
        'app.kubernetes.io/part-of': 'muster',
      });
    }
  });

  it('gives pods what the level "restricted" allows, and less', () => {
    for (const template of podTemplates(manifests)) {
      const { spec } = template;
      expect(spec).toMatchObject({
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        serviceAccountName: 'muster',
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 10001,
          seccompProfile: { type: 'RuntimeDefault' },
        },
      });
      expect(Object.keys(spec)).not.toContain('hostNetwork');
      for (const container of containersOf(template)) {
        expect(container).toMatchObject({
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          resources: {
            requests: {
              cpu: expect.any(String) as string,
              memory: expect.any(String) as string,
            },
            limits: { memory: expect.any(String) as string },
          },
        });
      }
      for (const container of spec.containers) {
        for (const probe of [
          'startupProbe',
          'livenessProbe',
          'readinessProbe',
        ]) {
          expect(container).toHaveProperty(
            [probe, 'httpGet', 'port'],
            'metrics',
          );
        }
      }
    }
  });

  it('names only what is there', () => {
    const names = manifests.map(nameOf);
    const settings = manifests.find(({ kind }) => kind === 'ConfigMap')?.data;
    for (const template of podTemplates(manifests)) {
      const { volumes = [] } = template.spec;
      for (const { secret, persistentVolumeClaim: claim } of volumes) {
        if (secret) expect(names).toContain(`Secret/${secret.secretName}`);
        if (claim) {
          expect(names).toContain(`PersistentVolumeClaim/${claim.claimName}`);
        }
      }
      const mountable = [
        ...template.claims,
        ...volumes.map(({ name }) => name),
      ];
      for (const { env = [], volumeMounts = [] } of containersOf(template)) {
        for (const { name } of volumeMounts) expect(mountable).toContain(name);
        const before: string[] = [];
        for (const { name, value = '', valueFrom } of env) {
          const { key, optional = false } = valueFrom?.configMapKeyRef ?? {};
          if (key !== undefined && !optional) {
            expect(settings).toHaveProperty([key]);
          }
          // Kubernetes fills in only what stands before
          for (const [, used = ''] of value.matchAll(/\$\((\w+)\)/g)) {
            expect(before, name).toContain(used);
          }
          before.push(name);
        }
      }
    }
    // every selector finds pods
    const pods = podTemplates(manifests).map(({ labels }) => labels);
    const selectors = manifests.flatMap(selectorsOf);
    expect(selectors.length).toBeGreaterThan(3);
    for (const selector of selectors) {
      const found = pods.filter((labels) =>
        Object.entries(selector).every(([key, value]) => labels[key] === value),
      );
      expect(found, JSON.stringify(selector)).not.toEqual([]);
    }
  });

  it('expects as many workers as it starts', () => {
    const jobs = manifests.flatMap((one) =>
      one.kind === 'JobSet' ? jobsOf(one) : one.kind === 'Job' ? [one] : [],
    );
    const counts = jobs
      .map(({ spec }) => spec as Readonly<Record<string, unknown>>)
      .filter(({ podReplacementPolicy }) => podReplacementPolicy === 'Failed')
      .map(({ completions, parallelism }) => [completions, parallelism]);
    const settings = manifests.find(({ kind }) => kind === 'ConfigMap')?.data;
    const expected = Number(settings?.['EXPECTED_WORKERS']);
    expect(counts).toEqual([[expected, expected]]);
    const [server] = podTemplates(manifests).filter(
      ({ labels }) => labels['app.kubernetes.io/component'] === 'server',
    );
    const [{ env = [] }] = server!.spec.containers as [Container];
    expect(env).toContainEqual({
      name: 'PS_EXPECTED_WORKERS',
      valueFrom: {
        configMapKeyRef: { name: 'muster-run', key: 'EXPECTED_WORKERS' },
      },
    });
  });

  it('has the token in its Secret and nowhere else', () => {
    const encoded = Buffer.from(`${TOKEN}\n`).toString('base64');
    const holders = manifests.filter((one) => {
      const json = JSON.stringify(one);
      return json.includes(encoded) || json.includes(TOKEN);
    });
    expect(holders.map(nameOf)).toEqual(['Secret/muster-token']);
  });
});

it('would notice a field that Kubernetes does not know', async (test) => {
  skipWithout(test, withoutSchemas);
  const own = manifestsIn(render(folder, 'base'));
  const job = own.find(({ kind }) => kind === 'Job')!;
  const wrong = { ...job, spec: { ...(job.spec as object), paralelism: 2 } };
  const [version] = KUBERNETES_VERSIONS;
  const result = await checkAgainstSchemas(folder, [wrong], version);
  expect(result.passed).toEqual([]);
  expect(result.wrong).toContain('paralelism');
  const monitor = { kind: 'PodMonitor', metadata: { name: 'x' }, spec: {} };
  expect(checkCustom(monitor as Manifest)).toMatch(/selector/);
});

it('gives the pods of a JobSet what those of the base have', () => {
  const [base, jobSet] = ['base', 'overlays/jobset'].map((part) =>
    podTemplates(manifestsIn(render(folder, part))).sort((a, b) =>
      labelOf(a) < labelOf(b) ? -1 : 1,
    ),
  );
  /** Where others find a pod, and that a server ends, is a JobSet's own. */
  const isOwn = (name: string) =>
    /^(POD_NAME|PS_ADVERTISE|PS_COORDINATOR|PS_AFTER_END|WORKER_SERVER)$/.test(
      name,
    );
  const comparable = (template: (typeof base & object)[number]) =>
    containersOf(template).map((container) => ({
      ...container,
      env: container.env?.filter(({ name }) => !isOwn(name)),
    }));
  expect(jobSet?.map(comparable)).toEqual(base?.map(comparable));
});

function labelOf({ labels }: { labels: Readonly<Record<string, string>> }) {
  return labels['app.kubernetes.io/component'] ?? '';
}

type Labels = Readonly<Record<string, string>>;

/** What a Service, a budget, a policy or a monitor looks for. */
function selectorsOf({ kind, spec }: Manifest): Labels[] {
  const { selector, podSelector } = (spec ?? {}) as {
    selector?: Labels | { matchLabels: Labels };
    podSelector?: { matchLabels: Labels };
  };
  if (kind === 'Service') return [selector as Labels];
  if (kind === 'NetworkPolicy')
    return podSelector ? [podSelector.matchLabels] : [];
  if (['PodDisruptionBudget', 'PodMonitor', 'StatefulSet'].includes(kind)) {
    return [(selector as { matchLabels: Labels }).matchLabels];
  }
  return [];
}
