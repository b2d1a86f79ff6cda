import { contains, type Intervals, intersect, meet, unite } from '../../cluster/intervals.ts'

/** The protocols that a NetworkPolicy can name; of any other its effect is undefined. */
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const
export type Protocol = (typeof PROTOCOLS)[number]

/** Ports 1 to 65535 of each protocol. */
export type PortSet = Readonly<Record<Protocol, Intervals<number>>>

const NONE: Intervals<number> = []
const EVERY: Intervals<number> = [1, 65536]

export const NO_PORTS: PortSet = { TCP: NONE, UDP: NONE, SCTP: NONE }
export const ALL_PORTS: PortSet = { TCP: EVERY, UDP: EVERY, SCTP: EVERY }

export function isProtocol(text: string): text is Protocol {
  return text === 'TCP' || text === 'UDP' || text === 'SCTP'
}

export function portRange(protocol: Protocol, first: number, last = first): PortSet {
  return { ...NO_PORTS, [protocol]: [first, last + 1] }
}

export function unitePorts(a: PortSet, b: PortSet): PortSet {
  if (a === NO_PORTS || b === ALL_PORTS) return b
  if (b === NO_PORTS || a === ALL_PORTS) return a
  return { TCP: unite(a.TCP, b.TCP), UDP: unite(a.UDP, b.UDP), SCTP: unite(a.SCTP, b.SCTP) }
}

export function intersectPorts(a: PortSet, b: PortSet): PortSet {
  if (a === ALL_PORTS || b === NO_PORTS) return b
  if (b === ALL_PORTS || a === NO_PORTS) return a
  return { TCP: intersect(a.TCP, b.TCP), UDP: intersect(a.UDP, b.UDP), SCTP: intersect(a.SCTP, b.SCTP) }
}

export function portsMeet(a: PortSet, b: PortSet): boolean {
  return meet(a.TCP, b.TCP) || meet(a.UDP, b.UDP) || meet(a.SCTP, b.SCTP)
}

export function noPorts(set: PortSet): boolean {
  return set.TCP.length === 0 && set.UDP.length === 0 && set.SCTP.length === 0
}

export function allPorts(set: PortSet): boolean {
  return (
    set === ALL_PORTS ||
    PROTOCOLS.every((each) => set[each].length === 2 && set[each][0] === 1 && set[each][1] === 65536)
  )
}

export function admitsPort(set: PortSet, protocol: Protocol, port: number): boolean {
  return contains(set[protocol], port)
}

/** `all ports`, or `TCP 80,8080-8090, UDP 53`. Equal sets have equal text. */
export function formatPorts(set: PortSet): string {
  if (allPorts(set)) return 'all ports'
  const parts = PROTOCOLS.flatMap((protocol) => {
    const ranges = formatRanges(set[protocol])
    return ranges === '' ? [] : [ranges === '1-65535' ? `all ${protocol}` : `${protocol} ${ranges}`]
  })
  return parts.length === 0 ? 'no ports' : parts.join(', ')
}

export function formatRanges(bounds: Intervals<number>): string {
  const ranges: string[] = []
  for (let index = 0; index < bounds.length; index += 2) {
    const first = bounds[index] as number
    const last = (bounds[index + 1] as number) - 1
    ranges.push(first === last ? `${first}` : `${first}-${last}`)
  }
  return ranges.join(',')
}
