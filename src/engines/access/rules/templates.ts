import type { Cluster } from '../../../cluster/cluster.ts'
import { at, string } from '../../../cluster/json.ts'
import { idOf } from '../../../cluster/object.ts'
import type { Workload } from '../../../cluster/workload.ts'
import { type Probe, probe, probes } from '../probe.ts'

/** The kinds that embed a pod template, as RBAC names them. */

export interface TemplateResource {
  readonly group: string
  readonly resource: string
  /** The kind of its objects, then of other workloads whose pods come from them. */
  readonly kinds: readonly [string, ...string[]]
  /** A Job's template is immutable; a Pod's own fields are another rule's. */
  readonly patchable: boolean
  readonly creating: Probe
  readonly patching: readonly Probe[]
}

function resourceOf(
  group: string,
  resource: string,
  kinds: TemplateResource['kinds'],
  patchable = true,
): TemplateResource {
  const creating = probe('create', group, resource)
  return {
    group,
    resource,
    kinds,
    patchable,
    creating,
    patching: patchable ? probes(['update', 'patch'], group, [resource]) : [],
  }
}

const BUILT_IN: readonly TemplateResource[] = [
  resourceOf('', 'pods', ['Pod'], false),
  resourceOf('', 'replicationcontrollers', ['ReplicationController']),
  resourceOf('apps', 'deployments', ['Deployment']),
  resourceOf('apps', 'statefulsets', ['StatefulSet']),
  resourceOf('apps', 'daemonsets', ['DaemonSet']),
  // A Deployment's pods come from its ReplicaSet, whose template the Deployment does not set back.
  resourceOf('apps', 'replicasets', ['ReplicaSet', 'Deployment']),
  resourceOf('batch', 'jobs', ['Job'], false),
  resourceOf('batch', 'cronjobs', ['CronJob']),
]

/** Custom resources that embed a pod template count where the input shows one, or their definition. */
function customResources(cluster: Cluster): readonly TemplateResource[] {
  const plurals = new Map<string, string>()
  for (const definition of cluster.ofKind('CustomResourceDefinition', 'apiextensions.k8s.io')) {
    const kind = string(at(definition.body, 'spec', 'names', 'kind'))
    const plural = string(at(definition.body, 'spec', 'names', 'plural'))
    const group = string(at(definition.body, 'spec', 'group'))
    if (kind !== undefined && plural !== undefined && group !== undefined) plurals.set(`${group}/${kind}`, plural)
  }
  const found = new Map<string, TemplateResource>()
  for (const { group, kind } of cluster.workloads) {
    if (BUILT_IN.some((each) => each.group === group && each.kinds.includes(kind))) continue
    const resource = plurals.get(`${group}/${kind}`) ?? `${kind.toLowerCase()}s`
    found.set(`${group}/${resource}`, resourceOf(group, resource, [kind]))
  }
  for (const [type, resource] of plurals) {
    const [group, kind] = type.split('/') as [string, string]
    if (KNOWN_TEMPLATE_KINDS.has(type) && !found.has(`${group}/${resource}`))
      found.set(`${group}/${resource}`, resourceOf(group, resource, [kind]))
  }
  return [...found.values()]
}

/** Definitions under which a controller is known to make pods from a template, though no object of theirs is there. */
const KNOWN_TEMPLATE_KINDS: ReadonlySet<string> = new Set([
  'argoproj.io/Rollout',
  'argoproj.io/Workflow',
  'argoproj.io/CronWorkflow',
  'serving.knative.dev/Service',
  'serving.knative.dev/Configuration',
  'serving.knative.dev/Revision',
  'apps.kruise.io/CloneSet',
  'apps.kruise.io/StatefulSet',
  'apps.kruise.io/DaemonSet',
  'jobset.x-k8s.io/JobSet',
  'ray.io/RayCluster',
  'ray.io/RayJob',
  'tekton.dev/TaskRun',
  'tekton.dev/PipelineRun',
  'kubeflow.org/PyTorchJob',
  'kubeflow.org/TFJob',
  'kubeflow.org/Notebook',
  'sparkoperator.k8s.io/SparkApplication',
  'batch.volcano.sh/Job',
  'leaderworkerset.x-k8s.io/LeaderWorkerSet',
])

/** Made once for a cluster, since rights are remembered by their probes. */
export function templateResources(cluster: Cluster): readonly TemplateResource[] {
  const known = resources.get(cluster) ?? [...BUILT_IN, ...customResources(cluster)]
  resources.set(cluster, known)
  return known
}

const resources = new WeakMap<Cluster, readonly TemplateResource[]>()

/** The workload whose pods come from the object of this name; a name that is not there changes nothing. */
export function templateNamed(
  cluster: Cluster,
  { group, kinds }: TemplateResource,
  namespace: string,
  name: string,
): Workload | undefined {
  const [kind] = kinds
  const isBuiltIn = group === '' || group === 'apps' || group === 'batch'
  const id = idOf(isBuiltIn ? kind : `${kind}.${group}`, namespace, name)
  const workload = cluster.workload(cluster.workloadOf(id) ?? id)
  return workload && kinds.includes(workload.kind) ? workload : undefined
}
