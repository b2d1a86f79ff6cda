import type { Cluster } from '../../../cluster/cluster.ts'
import { at, number } from '../../../cluster/json.ts'
import { idOf } from '../../../cluster/object.ts'
import type { Workload } from '../../../cluster/workload.ts'
import type { Edge } from '../../engine.ts'
import { type Probe, probe, probes } from '../probe.ts'
import type { Rights } from '../rights.ts'
import { type AccessContext, type AccessRule, overScope, placesOf, step } from '../rule.ts'
import { portChance, type ScopeKinds, workloadsBehind } from '../scopes.ts'

/**
 * From 1.35 the API server asks for `create` even where a WebSocket opens with GET (KEP-2862,
 * AuthorizePodWebsocketUpgradeCreatePermission); before, `get` on the subresource is enough.
 */
const GET_IS_EXECUTION_BEFORE = 35

function upgrading(subresource: string): (cluster: Cluster) => readonly Probe[] {
  const create = probe('create', '', `pods/${subresource}`)
  const get = probe('get', '', `pods/${subresource}`)
  return (cluster) => (cluster.version.minor < GET_IS_EXECUTION_BEFORE ? [create, get] : [create])
}

/** The workloads that a name in a rule stands for. */
export type WorkloadsNamed = (namespace: string, name: string) => readonly string[]

/** The workloads of which a pod has this name: seen live, a bare Pod, or an ordinal that a StatefulSet has. */
export function podsNamed(cluster: Cluster): WorkloadsNamed {
  const names = new Map<string, Set<string>>()
  const add = (namespace: string, name: string, workload: string): void => {
    const key = `${namespace}/${name}`
    const same = names.get(key)
    if (same) same.add(workload)
    else names.set(key, new Set([workload]))
  }
  for (const workload of cluster.workloads) {
    if (workload.finished) continue
    for (const pod of workload.pods) add(workload.namespace, pod.name, workload.id)
    if (workload.kind === 'Pod') add(workload.namespace, workload.name, workload.id)
  }
  return (namespace, name) => {
    const exact = [...(names.get(`${namespace}/${name}`) ?? [])]
    if (exact.length > 0) return exact
    const [, set = '', ordinal = ''] = /^(.+)-(0|[1-9]\d*)$/.exec(name) ?? []
    const workload = cluster.workload(idOf('StatefulSet', namespace, set))
    return workload && hasOrdinal(workload, Number(ordinal)) ? [workload.id] : []
  }
}

/** Replicas are left out where an autoscaler sets them: then there may be any number. */
function hasOrdinal({ object, replicas = Number.POSITIVE_INFINITY }: Workload, ordinal: number): boolean {
  const start = number(at(object?.body, 'spec', 'ordinals', 'start')) ?? 0
  return ordinal >= start && ordinal < start + replicas
}

const EXEC = upgrading('exec')
const ATTACH = upgrading('attach')
const FORWARD = upgrading('portforward')
const PATCH_POD = probes(['update', 'patch'], '', ['pods'])
export const EPHEMERAL = probes(['update', 'patch'], '', ['pods/ephemeralcontainers'])
const POD_PROXY = probes(['get', 'create', 'update', 'patch', 'delete'], '', ['pods/proxy'])
const SERVICE_PROXY = probes(['get', 'create', 'update', 'patch', 'delete'], '', ['services/proxy'])

/** Rights to run commands in a pod. */
export function commandProbes(cluster: Cluster): readonly Probe[] {
  return [...EXEC(cluster), ...ATTACH(cluster)]
}

/** Rights that take over a pod that runs. */
export function takingPods(cluster: Cluster): readonly Probe[] {
  return [...EXEC(cluster), ...ATTACH(cluster), ...PATCH_POD, ...EPHEMERAL]
}

const RBAC_SOURCE = 'pkg/registry/core/pod/rest/subresources.go'

/** Rights on pods that run already. */
export function podRules(kinds: ScopeKinds, cluster: Cluster): readonly AccessRule[] {
  const named = podsNamed(cluster)
  const rule = (
    kind: string,
    title: string,
    precondition: string,
    wanted: (cluster: Cluster) => readonly Probe[],
    scope: ScopeKinds[keyof Pick<ScopeKinds, 'pods' | 'newContainers'>],
  ): AccessRule => ({
    kinds: [
      {
        kind,
        title,
        from: 'User, Group, ServiceAccount',
        to: 'workload',
        chance: '1',
        precondition,
        source: RBAC_SOURCE,
      },
    ],
    edges: (rights, context) => overScope(kind, rights, context, scope, wanted(context.cluster), named),
  })
  return [
    rule(
      'exec',
      'runs a command in a pod',
      '`create` on `pods/exec` (before 1.35 also `get`), for all pods or by name',
      EXEC,
      kinds.pods,
    ),
    rule('attach', 'attaches to a pod', '`create` on `pods/attach` (before 1.35 also `get`)', ATTACH, kinds.pods),
    rule('patch-pod', 'changes the image of a pod', '`update` or `patch` on `pods`', () => PATCH_POD, kinds.pods),
    rule(
      'ephemeral-container',
      'adds a container to a pod',
      '`update` or `patch` on `pods/ephemeralcontainers`; where Pod Security admits it, a privileged one, which controls the node',
      () => EPHEMERAL,
      kinds.newContainers,
    ),
    privilegedContainer(kinds, named),
    portForward(kinds, named),
    proxy(
      'pod-proxy',
      'connects to a pod through the API server',
      '`pods/proxy`; the connection comes from the API server, so that network policies apply to it',
      POD_PROXY,
      kinds.proxiedPorts,
      (namespace, name) => named(namespace, proxiedName(name)),
    ),
    proxy(
      'service-proxy',
      'connects to the pods of a Service through the API server',
      '`services/proxy`; network policies apply as for `pods/proxy`',
      SERVICE_PROXY,
      kinds.servicePorts,
      servicesNamed(cluster),
    ),
  ]
}

/** With all names, it stands among the members of the scope. */
function privilegedContainer(kinds: ScopeKinds, named: WorkloadsNamed): AccessRule {
  return {
    kinds: [
      {
        kind: 'privileged-container',
        title: 'adds a privileged container to a pod, which takes its node',
        from: 'User, Group, ServiceAccount',
        to: 'Node',
        chance: '1',
        precondition:
          '`ephemeral-container` by name, where Pod Security admits a privileged one and the pod is neither in a user namespace nor in a sandbox',
        source: 'k8s.io/pod-security-admission',
      },
    ],
    *edges(rights, context) {
      for (const { namespace, right } of placesOf(rights, ...EPHEMERAL)) {
        if (right.names === undefined) continue
        for (const place of context.scopes.within(namespace)) {
          const members = right.names.flatMap((name) => named(place, name)).flatMap(kinds.nodesUnder)
          if (members.length === 0) continue
          const admitted = context.known.admits(place, 'privileged')
          if (admitted.truth === 'no') continue
          for (const { to, truth, because: runs } of members)
            yield step('privileged-container', rights, to, [right], {
              truth: truth === 'yes' ? admitted.truth : 'unknown',
              because: [...runs, ...admitted.because],
            })
        }
      }
    },
  }
}

/** Port-forwarding is dialled inside the pod's network namespace: no NetworkPolicy sees it. */
function portForward(kinds: ScopeKinds, named: WorkloadsNamed): AccessRule {
  const precondition = '`create` on `pods/portforward` (before 1.35 also `get`); past every NetworkPolicy'
  return {
    kinds: [
      {
        kind: 'port-forward',
        title: 'connects to any port of a pod',
        from: 'User, Group, ServiceAccount',
        to: 'workload',
        chance: '0.1 or 0.02',
        precondition,
        source: RBAC_SOURCE,
      },
    ],
    edges: (rights, context) => contact('port-forward', rights, context, FORWARD(context.cluster), kinds.ports, named),
  }
}

function proxy(
  kind: string,
  title: string,
  precondition: string,
  wanted: readonly Probe[],
  scope: ScopeKinds['ports'],
  named: WorkloadsNamed,
): AccessRule {
  return {
    kinds: [
      {
        kind,
        title,
        from: 'User, Group, ServiceAccount',
        to: 'workload',
        chance: '0.1 or 0.02',
        precondition,
        source: RBAC_SOURCE,
      },
    ],
    edges: (rights, context) => contact(kind, rights, context, wanted, scope, named, true),
  }
}

/** To the scope for all names, whose edges carry the chances; to each named workload with its own. */
function* contact(
  kind: string,
  rights: Rights,
  context: AccessContext,
  wanted: readonly Probe[],
  scope: ScopeKinds['ports'],
  named: WorkloadsNamed,
  dialledByServer = false,
): Generator<Edge> {
  for (const { namespace, right } of placesOf(rights, ...wanted)) {
    if (right.names === undefined) {
      yield step(kind, rights, context.scopes.of(scope, namespace), [right])
      continue
    }
    for (const each of context.scopes.within(namespace)) {
      for (const name of right.names) {
        for (const to of named(each, name)) {
          const workload = context.cluster.workload(to)
          if (!workload) continue
          const reached = dialledByServer
            ? context.known.controlPlaneReaches(workload)
            : { truth: 'yes' as const, because: [] }
          if (reached.truth !== 'no')
            yield step(kind, rights, to, [right], {
              chance: portChance(workload),
              truth: reached.truth,
              because: reached.because,
            })
        }
      }
    }
  }
}

/**
 * What is proxied to is named `name`, `name:port` or `scheme:name:port`, and RBAC compares the whole text
 * (apimachinery/pkg/util/net SplitSchemeNamePort).
 */
function proxiedName(text: string): string {
  const [first, second, third] = text.split(':') as [string, string?, string?]
  return third === undefined ? first : (second as string)
}

function servicesNamed(cluster: Cluster): WorkloadsNamed {
  return (namespace, name) => {
    const service = cluster.get(idOf('Service', namespace, proxiedName(name)))
    const candidates = service
      ? cluster.workloads.filter((workload) => workload.namespace === namespace && !workload.finished)
      : []
    return service ? workloadsBehind(service, candidates).map((workload) => workload.id) : []
  }
}
