import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at } from '../../../cluster/json.ts'
import { typeName } from '../../../cluster/kinds.ts'
import { plainSelector, selects } from '../../../cluster/labels.ts'
import { idOf, type KubeObject } from '../../../cluster/object.ts'
import type { Workload } from '../../../cluster/workload.ts'
import { CHANCE, type Edge } from '../../engine.ts'
import type { Known } from '../../known.ts'
import { type Making, placesOfAll } from '../making.ts'
import { type Probe, probe, probes } from '../probe.ts'
import type { Right, Rights } from '../rights.ts'
import { type AccessContext, type AccessRule, creating, once, placesOf, step } from '../rule.ts'
import type { Member, ScopeKind } from '../scope.ts'
import { ONLY, type ScopeKinds } from '../scopes.ts'
import { podsNamed } from './pods.ts'

/**
 * Rights to say where connections to a Service lead. Who stands in the place of a workload reads what its clients send and
 * answers them: passwords and data for it, which would still have to be used, and which TLS may keep; so a contact of 0.1.
 */

const FROM = 'User, Group, ServiceAccount'
const SLICES = probes(['create', 'update', 'patch'], 'discovery.k8s.io', ['endpointslices'])
const WRITE_SERVICE = probes(['update', 'patch'], '', ['services'])
const BREAK_SERVICE = probes(['update', 'patch', 'delete', 'deletecollection'], '', ['services'])
const POD_STATUS = probes(['update', 'patch'], '', ['pods/status'])
const POD = probes(['update', 'patch'], '', ['pods'])

/** What stands behind the names of Services. */
export interface Traffic {
  /** Workloads behind the Services of a namespace, as a contact. */
  readonly served: ScopeKind
  /** Services outside that workloads call. */
  readonly outside: ScopeKind
  behind(service: KubeObject): readonly Workload[]
  servicesIn(namespace: string): readonly KubeObject[]
}

export function trafficOf(kinds: ScopeKinds, cluster: Cluster, known: Known): Traffic {
  let services: ReadonlyMap<string, readonly KubeObject[]> | undefined
  const servicesIn = (namespace: string): readonly KubeObject[] => {
    services ??= Map.groupBy(cluster.ofKind('Service'), (each) => each.namespace)
    return services.get(namespace) ?? []
  }
  const labelled = new Map<string, ReadonlyMap<string, readonly Workload[]>>()
  const withLabel = (namespace: string, label: string): readonly Workload[] => {
    const index = labelled.get(namespace) ?? byLabel(kinds.workloadsIn(namespace))
    labelled.set(namespace, index)
    return index.get(label) ?? []
  }
  const behind = (service: KubeObject): readonly Workload[] => {
    const selector = plainSelector(at(service.body, 'spec', 'selector'))
    const [first] = selector ?? []
    if (!selector || !first) return []
    return withLabel(service.namespace, `${first.key}=${first.values[0]}`).filter((workload) =>
      workload.specs.some(({ pod }) => selects(selector, pod.labels)),
    )
  }
  return {
    behind,
    servicesIn,
    served: {
      name: 'traffic of services',
      members(namespace) {
        const found = new Map<string, Member>()
        for (const service of servicesIn(namespace))
          for (const { id } of behind(service)) if (!found.has(id)) found.set(id, inPlaceOf(id, service))
        return found.values()
      },
    },
    outside: {
      name: 'traffic to the outside',
      *members() {
        for (const service of known.dependencies.external)
          if (!service.isMetadata && service.uses.some(({ hidden }) => !hidden))
            yield {
              kind: 'answers-for',
              to: service.id,
              chance: CHANCE.unserved,
              because: service.uses[0]?.because ?? [],
            }
      },
    },
  }
}

function byLabel(workloads: readonly Workload[]): ReadonlyMap<string, readonly Workload[]> {
  const index = new Map<string, Workload[]>()
  for (const workload of workloads) {
    const labels = new Set(
      workload.specs.flatMap(({ pod }) => [...pod.labels].map(([key, value]) => `${key}=${value}`)),
    )
    for (const label of labels) {
      const same = index.get(label)
      if (same) same.push(workload)
      else index.set(label, [workload])
    }
  }
  return index
}

function inPlaceOf(to: string, service: KubeObject): Member {
  return {
    kind: 'answers-for',
    to,
    chance: CHANCE.served,
    because: [because(`Service ${service.name} leads to it`, service, ['spec', 'selector'])],
  }
}

export function serviceRules(cluster: Cluster, making: Making, traffic: Traffic): readonly AccessRule[] {
  return [redirect(cluster, traffic), breakService(cluster, traffic), claimAddress(cluster, making, traffic)]
}

function redirect(cluster: Cluster, traffic: Traffic): AccessRule {
  const named = podsNamed(cluster)
  const wanted = [...SLICES, ...WRITE_SERVICE, ...POD_STATUS, ...POD]
  /** Services that a right by name redirects: of these only, or any of the namespace. */
  const reached = (right: Right, namespace: string, name: string): readonly KubeObject[] | 'any' => {
    const { probe } = right
    if (WRITE_SERVICE.includes(probe)) return serviceNamed(cluster, namespace, name)
    if (POD_STATUS.includes(probe) || POD.includes(probe)) return named(namespace, name).length > 0 ? 'any' : []
    return cluster.get(idOf(typeName('discovery.k8s.io', 'EndpointSlice'), namespace, name)) ? 'any' : []
  }
  return {
    kinds: [
      {
        kind: 'redirect-service',
        title: 'says where connections to a Service lead',
        from: FROM,
        to: 'Scope traffic of services, or the workloads behind a Service',
        chance: '1 to the scope, which leads on by answers-for',
        precondition:
          '`create`, `update` or `patch` on endpointslices (kube-proxy joins every slice with the Service’s label), `update` or `patch` on services (selector, type ExternalName), on pods/status (the address), or on pods by name (labels that a Service selects; whoever may change all has the pods themselves). `endpoints` are not enough: they are read for Services without a selector only',
        source: 'pkg/proxy/endpointslicecache.go; pkg/controller/endpointslicemirroring',
      },
    ],
    *edges(rights, context) {
      const told = new Set<string>()
      for (const { namespace, right } of placesOf(rights, ...wanted)) {
        if (right.names === undefined) {
          if (POD.includes(right.probe)) continue
          yield* once(told, step('redirect-service', rights, context.scopes.of(traffic.served, namespace), [right]))
          continue
        }
        // A create has no name.
        if (right.probe.verb === 'create') continue
        for (const each of context.scopes.within(namespace)) {
          for (const name of right.names) {
            const services = reached(right, each, name)
            if (services === 'any')
              yield* once(told, step('redirect-service', rights, context.scopes.of(traffic.served, each), [right]))
            else yield* toEach(services, rights, right, traffic, told)
          }
        }
      }
    },
  }
}

function serviceNamed(cluster: Cluster, namespace: string, name: string): readonly KubeObject[] {
  const service = cluster.get(idOf('Service', namespace, name))
  return service ? [service] : []
}

function* toEach(
  services: readonly KubeObject[],
  rights: Rights,
  right: Right,
  traffic: Traffic,
  told: Set<string>,
): Generator<Edge> {
  for (const service of services)
    for (const { id } of traffic.behind(service)) {
      const { chance = CHANCE.served, because: why } = inPlaceOf(id, service)
      yield* once(told, step('redirect-service', rights, id, [right], { chance, because: why }))
    }
}

function breakService(cluster: Cluster, traffic: Traffic): AccessRule {
  let scope: ScopeKind | undefined
  const made = (applicationOf: Known['applicationOf']): ScopeKind => ({
    name: 'applications behind services',
    members(namespace) {
      const found = new Map<string, Member>()
      for (const service of traffic.servicesIn(namespace))
        for (const { id } of traffic.behind(service)) {
          const to = applicationOf(id)
          if (to !== undefined && !found.has(to))
            found.set(to, {
              to,
              because: [because(`Service ${service.name} leads to it`, service, ['spec', 'selector'])],
            })
        }
      return found.values()
    },
  })
  return {
    kinds: [
      {
        kind: 'break-service',
        title: 'takes Services from applications',
        from: FROM,
        to: 'Application, or Scope applications behind services',
        chance: '1',
        precondition:
          '`update`, `patch`, `delete` or `deletecollection` on services, for all or by name (a collection only for all)',
        source: 'core/v1 ServiceSpec',
      },
    ],
    *edges(rights, context) {
      scope ??= made(context.known.applicationOf)
      const told = new Set<string>()
      for (const { namespace, right } of placesOf(rights, ...BREAK_SERVICE)) {
        if (right.names === undefined) {
          yield* once(told, step('break-service', rights, context.scopes.of(scope, namespace), [right]))
          continue
        }
        if (right.probe.verb === 'deletecollection') continue
        for (const each of context.scopes.within(namespace))
          for (const name of right.names)
            for (const service of serviceNamed(cluster, each, name))
              for (const { id } of traffic.behind(service)) {
                const to = context.known.applicationOf(id)
                if (to !== undefined) yield* once(told, step('break-service', rights, to, [right]))
              }
      }
    },
  }
}

const ADDRESSED: readonly Probe[] = [probe('create', '', 'services'), ...WRITE_SERVICE]
const STATUS = probes(['update', 'patch'], '', ['services/status'])
const CREATE_SLICE = probe('create', 'discovery.k8s.io', 'endpointslices')

function claimAddress(cluster: Cluster, making: Making, traffic: Traffic): AccessRule {
  const isBalanced = (name: string | undefined, namespace: string): boolean =>
    traffic
      .servicesIn(namespace)
      .some((each) => (name === undefined || each.name === name) && at(each.body, 'spec', 'type') === 'LoadBalancer')
  const isOfUse = ({ probe: { verb, subresource }, names }: Right, place: string, context: AccessContext): boolean => {
    if (verb === 'create') return names === undefined
    const has = (namespace: string, name?: string): boolean =>
      subresource === 'status'
        ? isBalanced(name, namespace)
        : name === undefined
          ? traffic.servicesIn(namespace).length > 0
          : cluster.get(idOf('Service', namespace, name)) !== undefined
    return context.scopes
      .within(place)
      .some((each) => (names === undefined ? has(each) : names.some((name) => has(each, name))))
  }
  return {
    kinds: [
      {
        kind: 'claim-address',
        title: 'gives a Service an address of somebody else',
        from: FROM,
        to: 'Scope traffic to the outside',
        chance: '1 to the scope, which leads on by answers-for',
        precondition:
          '`create`, `update` or `patch` on services (externalIPs), or on services/status where a LoadBalancer is (its ingress address), and something to answer with: `create` on endpointslices, or pods of one’s own making, in the same namespace. Unknown, for whether admission refuses it (DenyServiceExternalIPs) is in no object',
        source: 'CVE-2020-8554; pkg/proxy',
      },
    ],
    *edges(rights, context) {
      const told = new Set<string>()
      const writes = (place: string): readonly Right[] =>
        rights.in(place, ...ADDRESSED, ...STATUS).filter((right) => isOfUse(right, place, context))
      const answers = (place: string): readonly Right[] => [
        ...creating(rights, place, CREATE_SLICE),
        ...making.labels(rights, place, context),
      ]
      for (const { by } of placesOfAll(rights, writes, answers))
        yield* once(
          told,
          step('claim-address', rights, context.scopes.of(traffic.outside, ONLY), by, { truth: 'unknown' }),
        )
    },
  }
}
