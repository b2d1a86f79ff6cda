import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, string } from '../../../cluster/json.ts'
import { idOf } from '../../../cluster/object.ts'
import type { Edge } from '../../engine.ts'
import { type Probe, probe, probes, type Rights } from '../rights.ts'
import { type AccessContext, type AccessRule, placesOf, placesOfBoth, step } from '../rule.ts'
import { ONLY, type ScopeKinds } from '../scopes.ts'

interface TemplateResource {
  readonly group: string
  readonly resource: string
  /** Workload kinds whose template this resource holds. */
  readonly kinds: readonly string[]
  /** A Job's template is immutable; a Pod's own fields are another rule's. */
  readonly patchable: boolean
}

const BUILT_IN: readonly TemplateResource[] = [
  { group: '', resource: 'pods', kinds: ['Pod'], patchable: false },
  { group: '', resource: 'replicationcontrollers', kinds: ['ReplicationController'], patchable: true },
  { group: 'apps', resource: 'deployments', kinds: ['Deployment'], patchable: true },
  { group: 'apps', resource: 'statefulsets', kinds: ['StatefulSet'], patchable: true },
  { group: 'apps', resource: 'daemonsets', kinds: ['DaemonSet'], patchable: true },
  // A Deployment's pods come from its ReplicaSet, whose template the Deployment does not set back.
  { group: 'apps', resource: 'replicasets', kinds: ['ReplicaSet', 'Deployment'], patchable: true },
  { group: 'batch', resource: 'jobs', kinds: ['Job'], patchable: false },
  { group: 'batch', resource: 'cronjobs', kinds: ['CronJob'], patchable: true },
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
    found.set(`${group}/${resource}`, { group, resource, kinds: [kind], patchable: true })
  }
  for (const [type, resource] of plurals) {
    const [group, kind] = type.split('/') as [string, string]
    if (KNOWN_TEMPLATE_KINDS.has(type) && !found.has(`${group}/${resource}`))
      found.set(`${group}/${resource}`, { group, resource, kinds: [kind], patchable: true })
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

const WRITE_NAMESPACE = probes(['update', 'patch'], '', ['namespaces'])

/** Rights to make pods of one's own choice, directly or through a controller. */
export function newPodRules(kinds: ScopeKinds, cluster: Cluster): readonly AccessRule[] {
  const resources = [...BUILT_IN, ...customResources(cluster)]
  const creating = resources.map(({ group, resource }) => probe('create', group, resource))
  const patching = resources
    .filter((each) => each.patchable)
    .map((each) => ({ ...each, probes: probes(['update', 'patch'], each.group, [each.resource]) }))
  return [
    create(creating, kinds),
    unguarded(creating, kinds),
    ...patching.map((each) => patch(each, each.probes, kinds)),
  ]
}

function create(creating: readonly Probe[], kinds: ScopeKinds): AccessRule {
  return {
    kinds: [
      {
        kind: 'create-pod',
        title: 'creates pods',
        from: 'User, Group, ServiceAccount',
        to: 'Scope new-pods: every service account, Secret and claim of the namespace; the nodes where Pod Security admits a privileged pod',
        chance: '1',
        precondition:
          '`create` on pods or on any kind that embeds a pod template, without resourceNames (a create has no name)',
        source: 'kubernetes.io/docs/concepts/security/rbac-good-practices; plugin/pkg/auth/authorizer/rbac',
      },
    ],
    *edges(rights, context) {
      for (const { namespace, right } of placesOf(rights, ...creating)) {
        if (right.names === undefined)
          yield step('create-pod', rights, context.scopes.of(kinds.newPods, namespace), [right])
      }
    },
  }
}

/** Pod Security is a label of the namespace: who may change it and create pods has no guard in the way. */
function unguarded(creating: readonly Probe[], kinds: ScopeKinds): AccessRule {
  return {
    kinds: [
      {
        kind: 'unguarded-pod',
        title: 'takes the Pod Security label off a namespace and creates a privileged pod in it',
        from: 'User, Group, ServiceAccount',
        to: 'Scope nodes',
        chance: '1',
        precondition: '`create-pod` in a namespace that Pod Security guards, and `update` or `patch` on that namespace',
        source: 'k8s.io/pod-security-admission/admission',
      },
    ],
    *edges(rights, context) {
      for (const { namespace, rights: both } of placesOfBoth(rights, creating, WRITE_NAMESPACE)) {
        const [makes, writes] = both
        if (makes.names !== undefined) continue
        const guarded = (namespace === '' ? context.scopes.namespaces : [namespace]).filter(
          (each) => isGuarded(context, each) && (writes.names === undefined || writes.names.includes(each)),
        )
        const first = guarded[0]
        if (first === undefined) continue
        const why = because(
          `namespace ${first} is guarded by its label only`,
          context.cluster.namespaces.get(first)?.object,
          ['metadata', 'labels', 'pod-security.kubernetes.io/enforce'],
        )
        yield step('unguarded-pod', rights, context.scopes.of(kinds.nodes, ONLY), both, { because: [why] })
      }
    },
  }
}

function isGuarded(context: AccessContext, namespace: string): boolean {
  return context.known.admits(namespace, 'privileged').truth === 'no'
}

/** A right to change a template that exists is a right to make pods; one that names no existing object is none. */
function patch(resource: TemplateResource, wanted: readonly Probe[], kinds: ScopeKinds): AccessRule {
  const scope = kinds.templates(resource.resource, resource.kinds)
  const named = (context: AccessContext, namespace: string, name: string): readonly string[] =>
    resource.kinds
      .map((kind) => typed(resource, kind, namespace, name))
      .filter((id) => context.cluster.workload(id) !== undefined)
  return {
    kinds: [
      {
        kind: 'patch-template',
        title: 'changes the pod template of a workload',
        from: 'User, Group, ServiceAccount',
        to: 'the workload, and Scope new-pods of its namespace',
        chance: '1',
        precondition:
          '`update` or `patch` on a kind that embeds a pod template, of which an object exists (a Job’s template cannot be changed; `scale` changes none)',
        source: 'pkg/apis/*/validation',
      },
    ],
    *edges(rights: Rights, context: AccessContext): Generator<Edge> {
      for (const { namespace, right } of placesOf(rights, ...wanted)) {
        if (right.names === undefined) {
          yield step('patch-template', rights, context.scopes.of(scope, namespace), [right])
          continue
        }
        for (const each of namespace === '' ? context.scopes.namespaces : [namespace]) {
          const workloads = right.names.flatMap((name) => named(context, each, name))
          for (const to of workloads) yield step('patch-template', rights, to, [right])
          if (workloads.length > 0)
            yield step('patch-template', rights, context.scopes.of(kinds.newPods, each), [right])
        }
      }
    },
  }
}

function typed(resource: TemplateResource, kind: string, namespace: string, name: string): string {
  return idOf(
    resource.group === '' || resource.group === 'apps' || resource.group === 'batch'
      ? kind
      : `${kind}.${resource.group}`,
    namespace,
    name,
  )
}
