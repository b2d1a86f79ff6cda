import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, string } from '../../../cluster/json.ts'
import type { Workload } from '../../../cluster/workload.ts'
import type { Edge } from '../../engine.ts'
import type { Known } from '../../known.ts'
import { type Making, placesOfAll } from '../making.ts'
import { type Probe, probe, probes } from '../probe.ts'
import type { Right, Rights } from '../rights.ts'
import { type AccessContext, type AccessRule, creating, once, placesOf, step } from '../rule.ts'
import type { ScopeKind } from '../scope.ts'
import type { ScopeKinds } from '../scopes.ts'
import { podsNamed } from './pods.ts'
import { type TemplateResource, templateNamed, templateResources } from './templates.ts'

/** Rights that stop applications. They give nothing else: what is reached is availability. */

const FROM = 'User, Group, ServiceAccount'
const TO = 'Application, or a scope of them'

const DELETE = ['delete', 'deletecollection']
const SCALABLE: ReadonlySet<string> = new Set(['deployments', 'statefulsets', 'replicasets', 'replicationcontrollers'])

export function outageRules(kinds: ScopeKinds, cluster: Cluster, making: Making): readonly AccessRule[] {
  return [
    stopWorkload(kinds, cluster),
    stopNamespace(kinds),
    stopNode(kinds, cluster),
    preempt(kinds, making),
    takeLease(cluster),
  ]
}

/** No request to delete a collection has a name (endpoints/request/requestinfo.go): names in a rule do not allow one. */
function isVain({ probe: { verb }, names }: Right): boolean {
  return verb === 'deletecollection' && names !== undefined
}

interface Stopping {
  readonly resource: TemplateResource
  readonly wanted: readonly Probe[]
  readonly scope: ScopeKind
  /** Whether a namespace has such a workload. */
  isIn(namespace: string): boolean
}

function stoppings(kinds: ScopeKinds, cluster: Cluster, applicationOf: Known['applicationOf']): readonly Stopping[] {
  return templateResources(cluster).map((resource) => {
    const { group, resource: plural, kinds: all } = resource
    const isAll = plural === 'pods' && group === ''
    const isScalable = SCALABLE.has(plural) && (group === '' || group === 'apps')
    return {
      resource,
      wanted: [
        ...probes(DELETE, group, [plural]),
        ...(isScalable ? probes(['update', 'patch'], group, [`${plural}/scale`]) : []),
      ],
      isIn: (namespace) => kinds.workloadsIn(namespace).some(({ kind }) => isAll || kind === all[0]),
      scope: isAll
        ? kinds.applications
        : {
            name: `applications of ${plural}`,
            members: (namespace) =>
              applicationsOf(
                // What a controller above keeps is made again.
                kinds.workloadsIn(namespace).filter(({ kind }) => kind === all[0]),
                applicationOf,
              ),
          },
    }
  })
}

function applicationsOf(workloads: readonly Workload[], applicationOf: Known['applicationOf']) {
  const found = new Map<string, { to: string; because: Edge['because'] }>()
  for (const { id, name, object } of workloads) {
    const to = applicationOf(id)
    if (to !== undefined && !found.has(to)) found.set(to, { to, because: [because(`${name} is part of it`, object)] })
  }
  return [...found.values()]
}

function stopWorkload(kinds: ScopeKinds, cluster: Cluster): AccessRule {
  const named = podsNamed(cluster)
  let all: readonly Stopping[] | undefined
  return {
    kinds: [
      {
        kind: 'stop-workload',
        title: 'deletes workloads, or scales them to nothing',
        from: FROM,
        to: TO,
        chance: '1',
        precondition:
          '`delete` or `deletecollection` on pods or a kind that embeds a pod template, or `update`/`patch` on its `scale`; a collection is deleted with a right to all names only. Deleted pods come again, and are deleted again',
        source: 'docs/reference/risk.md; plugin/pkg/auth/authorizer/rbac',
      },
    ],
    *edges(rights, context) {
      all ??= stoppings(kinds, cluster, context.known.applicationOf)
      const told = new Set<string>()
      for (const { resource, wanted, scope, isIn } of all) {
        for (const { namespace, right } of placesOf(rights, ...wanted)) {
          if (isVain(right)) continue
          if (right.names === undefined) {
            if (context.scopes.within(namespace).some(isIn))
              yield* once(told, step('stop-workload', rights, context.scopes.of(scope, namespace), [right]))
            continue
          }
          for (const each of context.scopes.within(namespace)) {
            for (const name of right.names) {
              const workload =
                resource.resource === 'pods' ? named(each, name)[0] : templateNamed(cluster, resource, each, name)?.id
              yield* stops('stop-workload', rights, right, workload, told, context)
            }
          }
        }
      }
    },
  }
}

function* stops(
  kind: string,
  rights: Rights,
  right: Right,
  workload: string | undefined,
  told: Set<string>,
  { known }: AccessContext,
): Generator<Edge> {
  const to = workload === undefined ? undefined : known.applicationOf(workload)
  if (to !== undefined) yield* once(told, step(kind, rights, to, [right]))
}

const DELETE_NAMESPACE = probes(['delete'], '', ['namespaces'])

/** A namespace is asked for in itself, so that a RoleBinding in it allows what is done to it. */
function stopNamespace(kinds: ScopeKinds): AccessRule {
  return {
    kinds: [
      {
        kind: 'stop-namespace',
        title: 'deletes a namespace with all that is in it',
        from: FROM,
        to: 'Scope applications',
        chance: '1',
        precondition: '`delete` on namespaces, for all, by name, or by a RoleBinding in it',
        source: 'pkg/controller/namespace; endpoints/request/requestinfo.go',
      },
    ],
    *edges(rights, context) {
      for (const { namespace, right } of placesOf(rights, ...DELETE_NAMESPACE)) {
        const places = right.names?.filter((name) => context.scopes.within(namespace).includes(name)) ?? [namespace]
        for (const place of places)
          yield step('stop-namespace', rights, context.scopes.of(kinds.applications, place), [right])
      }
    },
  }
}

const STOP_NODE = probes(['delete', 'deletecollection', 'update', 'patch'], '', ['nodes'])

function stopNode(kinds: ScopeKinds, cluster: Cluster): AccessRule {
  return {
    kinds: [
      {
        kind: 'stop-node',
        title: 'drives pods from nodes',
        from: FROM,
        to: TO,
        chance: '1',
        precondition:
          '`update` or `patch` on nodes (a taint with NoExecute), or `delete`, cluster-wide, for all or by name; of a node by name the applications with pods that were seen there',
        source: 'pkg/controller/tainteviction; pkg/controller/podgc',
      },
    ],
    *edges(rights, context) {
      const told = new Set<string>()
      for (const { namespace, right } of placesOf(rights, ...STOP_NODE)) {
        if (namespace !== '' || isVain(right)) continue
        if (right.names === undefined) {
          yield* once(told, step('stop-node', rights, context.scopes.of(kinds.applications, ''), [right]))
          continue
        }
        for (const { id, pods } of cluster.workloads)
          if (pods.some(({ node }) => right.names?.includes(node)))
            yield* stops('stop-node', rights, right, id, told, context)
      }
    },
  }
}

const CREATE_PRIORITY = probe('create', 'scheduling.k8s.io', 'priorityclasses')

function preempt(kinds: ScopeKinds, making: Making): AccessRule {
  return {
    kinds: [
      {
        kind: 'preempt',
        title: 'has pods of others driven out by its own',
        from: FROM,
        to: 'Scope applications',
        chance: '1',
        precondition:
          '`create` on priorityclasses cluster-wide and on pods or a pod template (or one to change); unknown where each such namespace has a ResourceQuota',
        source: 'pkg/scheduler/framework/preemption; plugin/pkg/admission/priority',
      },
    ],
    *edges(rights, context) {
      const told = new Set<string>()
      const classes = creating(rights, '', CREATE_PRIORITY)
      if (classes.length === 0) return
      const pods = (place: string): readonly Right[] => making.specs(rights, place, context)
      for (const { place, by } of placesOfAll(rights, () => classes, pods)) {
        const free = context.scopes
          .within(place)
          .some((each) => !quotasOf(context.cluster).has(each) && making.isOfUse(by[1] as Right, each, context))
        yield* once(
          told,
          step('preempt', rights, context.scopes.of(kinds.applications, ''), by, { truth: free ? 'yes' : 'unknown' }),
        )
      }
    },
  }
}

const quotas = new WeakMap<Cluster, ReadonlySet<string>>()

function quotasOf(cluster: Cluster): ReadonlySet<string> {
  const known = quotas.get(cluster) ?? new Set(cluster.ofKind('ResourceQuota').map(({ namespace }) => namespace))
  quotas.set(cluster, known)
  return known
}

const WRITE_LEASE = probes(['update', 'patch'], 'coordination.k8s.io', ['leases'])

function takeLease(cluster: Cluster): AccessRule {
  const led = ledBy(cluster)
  const scope = (applicationOf: Known['applicationOf']): ScopeKind => ({
    name: 'led applications',
    members: (namespace) =>
      applicationsOf(
        (led.get(namespace) ?? []).flatMap(({ workload }) => workload),
        applicationOf,
      ),
  })
  let made: ScopeKind | undefined
  return {
    kinds: [
      {
        kind: 'take-lease',
        title: 'takes the lease by which a controller is its leader',
        from: FROM,
        to: TO,
        chance: '1',
        precondition:
          '`update` or `patch` on leases, for all or by name, of which one of the input is held by a pod of a workload of its namespace',
        source: 'client-go/tools/leaderelection',
      },
    ],
    *edges(rights, context) {
      if (led.size === 0) return
      made ??= scope(context.known.applicationOf)
      const told = new Set<string>()
      for (const { namespace, right } of placesOf(rights, ...WRITE_LEASE)) {
        if (right.names === undefined) {
          if (context.scopes.within(namespace).some((each) => led.has(each)))
            yield* once(told, step('take-lease', rights, context.scopes.of(made, namespace), [right]))
          continue
        }
        for (const each of context.scopes.within(namespace))
          for (const { lease, workload } of led.get(each) ?? [])
            if (right.names.includes(lease)) yield* stops('take-lease', rights, right, workload.id, told, context)
      }
    },
  }
}

/** Leases by namespace whose holder names a pod: leader election writes the pod's name, and often more behind an underscore. */
function ledBy(cluster: Cluster): ReadonlyMap<string, readonly { lease: string; workload: Workload }[]> {
  const leases = cluster.ofKind('Lease', 'coordination.k8s.io')
  if (leases.length === 0) return new Map()
  const named = podsNamed(cluster)
  const found = leases.flatMap(({ namespace, name, body }) => {
    const holder = string(at(body, 'spec', 'holderIdentity')) ?? ''
    const id = named(namespace, holder.split('_')[0] as string)[0]
    const workload = id === undefined ? undefined : cluster.workload(id)
    return workload ? [{ namespace, lease: name, workload }] : []
  })
  return Map.groupBy(found, ({ namespace }) => namespace)
}
