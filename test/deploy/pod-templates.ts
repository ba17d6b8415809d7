/**
 * The pods that manifests make, whichever kind makes them.
 */
import { isCustom, jobsOf } from './custom-resources.js';
import type { Manifest } from './kubernetes-render.js';

/** One variable of a container. */
export interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly configMapKeyRef?: {
      readonly name: string;
      readonly key: string;
      readonly optional?: boolean;
    };
    readonly fieldRef?: { readonly fieldPath: string };
  };
}

/** A container, as far as tests look into it. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly Variable[];
  readonly envFrom?: readonly {
    readonly configMapRef: { readonly name: string };
  }[];
  readonly ports?: readonly { readonly name: string }[];
  readonly startupProbe?: unknown;
  readonly livenessProbe?: unknown;
  readonly readinessProbe?: unknown;
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>;
    readonly limits?: Readonly<Record<string, string>>;
  };
  readonly securityContext?: unknown;
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly mountPath: string;
  }[];
}

/** A pod's template, and who makes pods of it. */
export interface PodTemplate {
  /** `StatefulSet/muster-server`. */
  readonly owner: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: {
    readonly automountServiceAccountToken?: boolean;
    readonly enableServiceLinks?: boolean;
    readonly serviceAccountName?: string;
    readonly securityContext?: unknown;
    readonly initContainers?: readonly Container[];
    readonly containers: readonly Container[];
    readonly volumes?: readonly {
      readonly name: string;
      readonly secret?: { readonly secretName: string };
      readonly persistentVolumeClaim?: { readonly claimName: string };
      readonly emptyDir?: unknown;
    }[];
  };
  /** Volumes that each pod has of its own. */
  readonly claims: readonly string[];
}

interface Owner {
  readonly template: {
    readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
    readonly spec: PodTemplate['spec'];
  };
  readonly volumeClaimTemplates?: readonly {
    readonly metadata: { readonly name: string };
  }[];
}

/** Gives every template in the manifests. */
export function podTemplates(manifests: readonly Manifest[]): PodTemplate[] {
  const jobSets = manifests.filter((one) => one.kind === 'JobSet');
  const owners = manifests.filter(
    (one) => ['StatefulSet', 'Job'].includes(one.kind) && !isCustom(one),
  );
  return [...owners, ...jobSets.flatMap(jobsOf)].map((one) => {
    const spec = one.spec as Owner;
    return {
      owner: `${one.kind}/${one.metadata.name}`,
      labels: spec.template.metadata?.labels ?? {},
      spec: spec.template.spec,
      claims: (spec.volumeClaimTemplates ?? []).map(
        ({ metadata }) => metadata.name,
      ),
    };
  });
}

/** All containers of a template. */
export function containersOf({ spec }: PodTemplate): Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}
