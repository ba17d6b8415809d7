/**
 * A pod's containers as plain processes: the variables that its manifest and
 * Kubernetes give, with what only a cluster has (names of other pods, mounted
 * volumes, the ports of a pod's own address) put where it is here.
 */
import { join } from 'node:path';
import { MusterProcess } from '../cluster/muster-process.js';
import type { Manifest } from './kubernetes-render.js';
import type { Container, PodTemplate } from './pod-templates.js';

/** What a cluster would give. */
export interface PodOptions {
  readonly template: PodTemplate;
  readonly manifests: readonly Manifest[];
  /** Its place in its StatefulSet or Indexed Job. */
  readonly index: number;
  /** Where mounted folders lie here, by their path in the container. */
  readonly mounts: Readonly<Record<string, string>>;
  /** `127.0.0.1:PORT` of each pod's port that others connect to, by its name. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Variables beside the manifest's: a small data set. */
  readonly extra: Readonly<Record<string, string>>;
}

/** The program of each image, below `apps/`. */
const ENTRIES: Readonly<Record<string, string>> = {
  muster: 'muster/dist/main.js',
  'muster-parameter-server': 'parameter-server/dist/main.js',
  'muster-worker': 'worker/dist/main.js',
};

/** Starts one of a pod's containers. */
export function startContainer(
  container: Container,
  options: PodOptions,
): MusterProcess {
  const [image = ''] = container.image.split(':');
  const entry = ENTRIES[image];
  if (entry === undefined) throw new Error(`what runs in ${image}?`);
  const variables = variablesOf(container, options);
  const here = (text: string) => placed(text, options);
  const args = (container.args ?? []).map((word) =>
    here(expanded(word, variables)),
  );
  const env = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, here(value)]),
  );
  return MusterProcess.start(args, {
    entry,
    env: { ...env, ...portsHere(env, options), ...options.extra },
  });
}

/** `muster-server-0`, `muster-workers-1`. */
export function podName({ template, index }: PodOptions): string {
  return `${template.owner.split('/')[1] ?? ''}-${index}`;
}

/** What Kubernetes itself sets, and the manifest. */
function variablesOf(
  { env = [], envFrom = [] }: Container,
  options: PodOptions,
): Record<string, string> {
  const { template, manifests, index } = options;
  const name = podName(options);
  const settings = (map: string) =>
    manifests.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === map,
    )?.data ?? {};
  const variables: Record<string, string> = {
    HOSTNAME: name,
    KUBERNETES_SERVICE_HOST: '10.96.0.1',
    ...(template.owner.startsWith('Job/') && {
      JOB_COMPLETION_INDEX: String(index),
    }),
  };
  for (const { configMapRef } of envFrom) {
    Object.assign(variables, settings(configMapRef.name));
  }
  for (const { name: variable, value, valueFrom } of env) {
    const { configMapKeyRef: key, fieldRef } = valueFrom ?? {};
    if (value !== undefined) variables[variable] = expanded(value, variables);
    else if (key) {
      const text = settings(key.name)[key.key];
      if (text !== undefined) variables[variable] = text;
      else if (key.optional !== true) throw new Error(`no ${key.key}`);
    } else if (fieldRef?.fieldPath === 'metadata.name')
      variables[variable] = name;
    else throw new Error(`where does ${variable} come from?`);
  }
  return variables;
}

/** Fills in `$(NAME)`, as Kubernetes does. */
function expanded(
  text: string,
  variables: Readonly<Record<string, string>>,
): string {
  return text.replaceAll(
    /\$\(([A-Z_]+)\)/g,
    (all, name: string) => variables[name] ?? all,
  );
}

/** Paths and names of the cluster, as they are here. */
function placed(text: string, { mounts, addresses }: PodOptions): string {
  const mount = Object.entries(mounts).find(
    ([path]) => text === path || text.startsWith(`${path}/`),
  );
  if (mount) return join(mount[1], text.slice(mount[0].length));
  return text.replace(/(?<=:\/\/)[^/]+/, (host) => addresses[host] ?? host);
}

/** On its own address a pod has every port; here each needs a free one. */
function portsHere(
  env: Readonly<Record<string, string>>,
  options: PodOptions,
): Record<string, string> {
  const own = Object.entries(options.addresses).find(([host]) =>
    host.startsWith(`${podName(options)}.`),
  );
  return {
    ...('PS_PORT' in env && { PS_PORT: own?.[1].split(':')[1] ?? '0' }),
    ...('PS_HOST' in env && { PS_HOST: '127.0.0.1' }),
    ...('PS_METRICS_PORT' in env && { PS_METRICS_PORT: '0' }),
    ...('WORKER_METRICS_PORT' in env && { WORKER_METRICS_PORT: '0' }),
  };
}
