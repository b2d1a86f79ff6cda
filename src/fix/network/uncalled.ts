import type { Workload } from '../../cluster/workload.ts'
import type { NetworkModel } from '../../engines/network/model.ts'
import type { Service } from '../../engines/network/services.ts'
import type { Port } from './allowance.ts'
import { formatPorts, type Needs, NO_NEEDS, shortName } from './ends.ts'

interface Uncalled {
  readonly service: Service
  readonly ports: readonly Port[]
}

/**
 * What Services show to be served although nobody is declared to call it. A Service is there for somebody, so that its
 * callers are named where no manifest shows them, in an image: then what is declared is not all.
 */
export interface UncalledPorts {
  /** Its own namespace on the ports of its Services that no `callers` have. */
  ingressOf(workload: Workload, callers: Needs): Needs
  /** Its own namespace, where it is declared to call nothing and somebody there must be called by somebody. */
  egressOf(workload: Workload, calls: Needs): Needs
}

export function uncalledPorts(model: NetworkModel, callersOf: (workload: Workload) => Needs): UncalledPorts {
  const { services, cluster } = model
  const served = new Map<string, Uncalled[]>()
  for (const service of services.all) {
    for (const each of service.ports) {
      for (const { member, protocol, port } of services.backendsOf(service, each)) {
        const own = served.get(member.id) ?? []
        served.set(member.id, [...own, { service, ports: [{ protocol, port }] }])
      }
    }
  }
  const uncalled = (workload: Workload, { allowances }: Needs): readonly Uncalled[] =>
    (served.get(workload.id) ?? []).filter(({ ports }) =>
      ports.every(
        ({ protocol, port }) =>
          !allowances.some(
            (each) =>
              each.ports.length === 0 || each.ports.some((one) => one.port === port && one.protocol === protocol),
          ),
      ),
    )
  const places = new Map<string, readonly { readonly workload: string; readonly service: string }[]>()
  const uncalledIn = (namespace: string) => {
    const known =
      places.get(namespace) ??
      cluster.workloads
        .filter((each) => each.namespace === namespace && served.has(each.id))
        .flatMap((each) =>
          uncalled(each, callersOf(each)).map(({ service }) => ({
            workload: each.id,
            service: shortName(service.object.id),
          })),
        )
    places.set(namespace, known)
    return known
  }
  const portsOf = (namespace: string): readonly Port[] => {
    const all = cluster.workloads.flatMap((each) => (each.namespace === namespace ? (served.get(each.id) ?? []) : []))
    return all.flatMap(({ ports }) => ports)
  }
  const ownNamespace = ({ namespace }: Workload) => ({ kind: 'pods', namespace, labels: {} }) as const
  return {
    ingressOf: (workload, callers) => {
      const found = uncalled(workload, callers)
      if (found.length === 0) return NO_NEEDS
      const ports = found.flatMap((each) => each.ports)
      const names = [...new Set(found.map(({ service }) => shortName(service.object.id)))].sort()
      return {
        allowances: [{ peer: ownNamespace(workload), ports }],
        notes: [
          `nobody is declared to call Service ${names.join(', ')}, so that callers stand where the input does not show them: its own namespace is admitted on ${formatPorts(ports)}, other namespaces are not`,
        ],
      }
    },
    egressOf: (workload, { allowances }) => {
      if (allowances.length > 0) return NO_NEEDS
      const others = uncalledIn(workload.namespace).filter((each) => each.workload !== workload.id)
      if (others.length === 0) return NO_NEEDS
      const names = [...new Set(others.map(({ service }) => service))].sort()
      const ports = portsOf(workload.namespace)
      const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
      return {
        allowances: [{ peer: ownNamespace(workload), ports }],
        notes: [
          `it is declared to call nothing, and nobody is declared to call Service ${names.slice(0, 3).join(', ')}${more}: it is let out to its own namespace on what Services there lead to`,
        ],
      }
    },
  }
}
