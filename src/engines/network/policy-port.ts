import { field, isObject, type Json, type Path } from '../../cluster/json.ts'
import { ALL_PORTS, isProtocol, NO_PORTS, type PortSet, type Protocol, portRange, unitePorts } from './ports.ts'
import { items, type Refuse } from './selectors.ts'

/** What a rule's ports mean at one pod: the numbers, and what the pod calls by one of the names. */
export interface RulePorts {
  readonly numbers: PortSet
  readonly names: readonly { readonly protocol: Protocol; readonly name: string }[]
}

/** Without ports a rule admits every port. */
export function decodePorts(value: Json | undefined, path: Path, refuse: Refuse): RulePorts {
  const ports = items(value, path, refuse).map((port, index) => decodePort(port, [...path, index], refuse))
  if (ports.length === 0) return { numbers: ALL_PORTS, names: [] }
  return {
    numbers: ports.reduce((sum, each) => unitePorts(sum, each.numbers), NO_PORTS),
    names: ports.flatMap((each) => each.names),
  }
}

/** A port without a number is all ports of its protocol, which is TCP if not given: `ports: [{}]` is all TCP. */
function decodePort(value: Json, path: Path, refuse: Refuse): RulePorts {
  const protocol = field(value, 'protocol') ?? 'TCP'
  const port = field(value, 'port') ?? undefined
  const end = field(value, 'endPort') ?? undefined
  const fail = (key: string, why: string): RulePorts => {
    refuse({ path: [...path, key], why })
    return { numbers: NO_PORTS, names: [] }
  }
  if (value !== null && !isObject(value)) return fail('port', 'it is not an object')
  if (typeof protocol !== 'string' || !isProtocol(protocol))
    return fail('protocol', `${JSON.stringify(protocol)} is not TCP, UDP or SCTP`)
  if (port === undefined) {
    return end === undefined
      ? { numbers: portRange(protocol, 1, 65535), names: [] }
      : fail('endPort', 'there is an endPort but no port')
  }
  if (typeof port === 'string') {
    if (!isPortName(port)) return fail('port', `${JSON.stringify(port)} is not a port name`)
    return end === undefined
      ? { numbers: NO_PORTS, names: [{ protocol, name: port }] }
      : fail('endPort', 'there is an endPort but the port is a name')
  }
  if (!isPortNumber(port)) return fail('port', `${JSON.stringify(port)} is not a port`)
  if (end === undefined) return { numbers: portRange(protocol, port), names: [] }
  if (!isPortNumber(end) || end < port) return fail('endPort', `${JSON.stringify(end)} is not a port from ${port} up`)
  return { numbers: portRange(protocol, port, end), names: [] }
}

export function isPortNumber(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65535
}

/** apimachinery validation.IsValidPortName. */
function isPortName(text: string): boolean {
  return text.length <= 15 && /^[a-z0-9-]+$/.test(text) && /[a-z]/.test(text) && !/--|^-|-$/.test(text)
}
