/**
 * The two kinds that do not belong to Kubernetes itself, as far as the
 * manifests use them: written down here from their documentation (JobSet
 * v1alpha2: jobset.sigs.k8s.io/docs/reference; PodMonitor v1:
 * prometheus-operator.dev/docs/api-reference). A name that is not here is an
 * error. A JobSet's Jobs are checked by Kubernetes' own schema.
 */
import { Ajv } from 'ajv';
import type { Manifest } from './kubernetes-render.js';

const labels = { type: 'object', additionalProperties: { type: 'string' } };
const name = { type: 'string', pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' };
const names = { type: 'array', items: { type: 'string' } };
const count = { type: 'integer', minimum: 0 };

/** An object that holds these, and nothing else. */
function closed(
  properties: Readonly<Record<string, unknown>>,
  ...required: string[]
) {
  return { type: 'object', additionalProperties: false, properties, required };
}

const metadata = closed({ name, namespace: name, labels }, 'name');

const jobSet = closed(
  {
    apiVersion: { const: 'jobset.x-k8s.io/v1alpha2' },
    kind: { const: 'JobSet' },
    metadata,
    spec: closed(
      {
        network: closed({
          enableDNSHostnames: { type: 'boolean' },
          subdomain: name,
          publishNotReadyAddresses: { type: 'boolean' },
        }),
        successPolicy: closed(
          { operator: { enum: ['All', 'Any'] }, targetReplicatedJobs: names },
          'operator',
        ),
        failurePolicy: closed({ maxRestarts: count }),
        replicatedJobs: {
          type: 'array',
          items: closed(
            { name, replicas: count, template: { type: 'object' } },
            ...['name', 'template'],
          ),
        },
      },
      'replicatedJobs',
    ),
  },
  ...['apiVersion', 'kind', 'metadata', 'spec'],
);

const podMonitor = closed(
  {
    apiVersion: { const: 'monitoring.coreos.com/v1' },
    kind: { const: 'PodMonitor' },
    metadata,
    spec: closed(
      {
        selector: closed({ matchLabels: labels }),
        podTargetLabels: names,
        podMetricsEndpoints: {
          type: 'array',
          minItems: 1,
          items: closed({
            port: { type: 'string' },
            path: { type: 'string', pattern: '^/' },
            interval: { type: 'string', pattern: '^[0-9]+(ms|s|m)$' },
            relabelings: {
              type: 'array',
              items: closed({
                sourceLabels: names,
                regex: { type: 'string' },
                replacement: { type: 'string' },
                targetLabel: { type: 'string', pattern: '^[a-z_]+$' },
              }),
            },
          }),
        },
      },
      ...['selector', 'podMetricsEndpoints'],
    ),
  },
  ...['apiVersion', 'kind', 'metadata', 'spec'],
);

const ajv = new Ajv({ allErrors: true });
const CHECKS: Readonly<Record<string, ReturnType<typeof ajv.compile>>> = {
  JobSet: ajv.compile(jobSet),
  PodMonitor: ajv.compile(podMonitor),
};

/** Whether it is one of the kinds that this file knows. */
export function isCustom({ kind }: Manifest): boolean {
  return kind in CHECKS;
}

/** Gives what is wrong with it, or an empty text. */
export function checkCustom(manifest: Manifest): string {
  const check = CHECKS[manifest.kind];
  if (check?.(manifest) === true) return '';
  return `${manifest.kind}: ${ajv.errorsText(check?.errors)}`;
}

interface JobSetSpec {
  readonly replicatedJobs: readonly {
    readonly name: string;
    readonly template: { readonly spec: unknown };
  }[];
}

/** The Jobs that a JobSet makes, as objects of their own. */
export function jobsOf({ metadata: own, spec }: Manifest): Manifest[] {
  return (spec as JobSetSpec).replicatedJobs.map((job) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: `${own.name}-${job.name}-0` },
    spec: job.template.spec,
  }));
}
