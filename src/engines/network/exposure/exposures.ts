import type { Cluster } from '../../../cluster/cluster.ts'
import { CHANCE, type Edge, INTERNET } from '../../engine.ts'
import { type NetworkModel, type NetworkOptions, networkModel } from '../model.ts'
import { formatPorts, unitePorts } from '../ports.ts'
import { customRouteExposures } from './custom-routes.ts'
import type { Exposure, ExposureInput } from './exposure.ts'
import { gatewayExposures } from './gateway.ts'
import { hostExposures } from './hosts.ts'
import { ingressExposures } from './ingress.ts'
import { istioExposures } from './istio.ts'
import { openShiftRouteExposures } from './openshift-route.ts'
import { serviceExposures } from './services.ts'

/** A proxy may stand behind another: Istio's own gateway behind an Ingress or a Gateway of the cloud. */
const THROUGH_PROXIES: readonly ((input: ExposureInput) => Iterable<Exposure>)[] = [
  ingressExposures,
  gatewayExposures,
  openShiftRouteExposures,
  customRouteExposures,
  istioExposures,
]

const done = new WeakMap<NetworkModel, readonly Exposure[]>()

/** The workloads that the internet reaches, and through what: once for each workload, kind and object that opens it. */
export function exposures(cluster: Cluster, options: NetworkOptions = {}): readonly Exposure[] {
  return exposuresOf(networkModel(cluster, options))
}

export function exposuresOf(model: NetworkModel): readonly Exposure[] {
  const known = done.get(model)
  if (known) return known
  const found = [...serviceExposures(model), ...hostExposures(model)]
  // Spread arguments have an end, and an Ingress may have a million paths.
  for (const each of THROUGH_PROXIES) for (const exposure of [...each({ model, found })]) found.push(exposure)
  const all = join(found)
  done.set(model, all)
  return all
}

function join(all: readonly Exposure[]): readonly Exposure[] {
  const joined = new Map<string, Exposure>()
  for (const exposure of all) {
    const key = `${exposure.kind} ${exposure.workload} ${exposure.rule} ${exposure.truth}`
    const same = joined.get(key)
    joined.set(key, same ? { ...same, ports: unitePorts(same.ports, exposure.ports) } : exposure)
  }
  return [...joined.values()]
}

export function* exposureEdges(cluster: Cluster, options: NetworkOptions = {}): Iterable<Edge> {
  for (const { kind, workload, ports, truth, rule, because } of exposures(cluster, options)) {
    yield {
      kind,
      from: INTERNET,
      to: workload,
      chance: CHANCE.served,
      truth,
      rule: `${rule} ${formatPorts(ports)}`,
      because,
    }
  }
}
