import { at, field, type JsonObject, type Path } from '../../cluster/json.ts'
import type { Container } from '../../cluster/pod.ts'
import { isPortNumber } from './policy-port.ts'
import { isProtocol, type PortSet, type Protocol, portRange, unitePorts } from './ports.ts'

export interface ServedPort {
  readonly protocol: Protocol
  readonly port: number
}

/** As kubernetes/pkg/api/v1/pod FindPort: sidecars count, other init containers and ephemeral ones do not. */
export function serves(container: Container): boolean {
  return container.role === 'app' || container.role === 'sidecar'
}

export function namedPorts(containers: readonly Container[]): ReadonlyMap<string, PortSet> {
  const named = new Map<string, PortSet>()
  for (const { name, port, protocol } of containers.flatMap((container) => container.ports)) {
    if (name === undefined || !isProtocol(protocol) || !isPortNumber(port)) continue
    const key = `${protocol} ${name}`
    const same = named.get(key)
    named.set(key, same ? unitePorts(same, portRange(protocol, port)) : portRange(protocol, port))
  }
  return named
}

export function containerPorts(container: Container): readonly ServedPort[] {
  return container.ports.flatMap(({ port, protocol }) =>
    isProtocol(protocol) && isPortNumber(port) ? [{ protocol, port }] : [],
  )
}

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const
const HANDLERS = ['httpGet', 'tcpSocket', 'grpc'] as const

/** A probe by name leads to a declared port. */
export function probePorts(body: JsonObject, path: Path): readonly ServedPort[] {
  const container = at(body, ...path)
  const ports: ServedPort[] = []
  for (const probe of PROBES) {
    const handler = field(container, probe)
    if (handler === undefined) continue
    for (const kind of HANDLERS) {
      const port = field(field(handler, kind), 'port')
      if (isPortNumber(port)) ports.push({ protocol: 'TCP', port })
    }
  }
  return ports
}
