import { at, type Json, type JsonObject, object, string } from '../../cluster/json.ts'
import { type Connection, type End, RAW_CHARACTERS, type RecordPlace } from '../record.ts'
import { instant } from '../time.ts'
import { type Ends, unresolved } from './ends.ts'

/** What one line of `hubble observe -o jsonpb`, or of the exporter's file, says. */
export type HubbleRecord =
  | { readonly kind: 'connection'; readonly connection: Connection; readonly node: string }
  /** Flows that Hubble, or the kernel before it, had no room for. */
  | { readonly kind: 'lost'; readonly time: number; readonly count: number }
  /** Understood, and no connection: ICMP, events of agents. */
  | { readonly kind: 'other'; readonly what: string; readonly time: number }

const OTHER_EVENTS: readonly string[] = ['node_status', 'agent_event', 'debug_event']

/** Whether a JSON value is a record of Hubble: in its wrapper, or a bare flow as older versions print. */
export function isHubble(value: Json): value is JsonObject {
  const line = object(value)
  const flow = flowOf(line)
  if (flow) return typeof flow.time === 'string' || typeof line.time === 'string'
  return lostOf(line) !== undefined || OTHER_EVENTS.some((each) => isWritten(line[each]))
}

function isWritten(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null
}

function flowOf(line: JsonObject): JsonObject | undefined {
  const flow = line.flow
  if (isWritten(flow)) return flow
  return typeof line.verdict === 'string' && isWritten(line.IP) ? line : undefined
}

function lostOf(line: JsonObject): JsonObject | undefined {
  const lost = line.lost_events ?? line.lostEvents ?? line.LostEvent
  return isWritten(lost) ? lost : undefined
}

/** Undefined for what is no record of Hubble, or has no time. Fields are read by names that no object inherits. */
export function decodeHubble(value: Json, text: string, place: RecordPlace, ends: Ends): HubbleRecord | undefined {
  const line = object(value)
  const flow = flowOf(line)
  const time = instant(flow?.time) ?? instant(line.time)
  if (flow) return time === undefined ? undefined : decodeFlow(flow, line, time, text, place, ends)
  const lost = lostOf(line)
  if (lost) {
    const count = Number(lost.num_events_lost ?? lost.numEventsLost ?? 1)
    const when = time ?? instant(lost.last) ?? instant(lost.first)
    return when !== undefined && count >= 0 ? { kind: 'lost', time: when, count } : undefined
  }
  const what = OTHER_EVENTS.find((each) => isWritten(line[each]))
  return what === undefined ? undefined : { kind: 'other', what, time: time ?? 0 }
}

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const

function decodeFlow(
  flow: JsonObject,
  line: JsonObject,
  time: number,
  text: string,
  place: RecordPlace,
  ends: Ends,
): HubbleRecord {
  const l4 = object(flow.l4)
  const protocol = PROTOCOLS.find((each) => isWritten(l4[each]))
  const ports = object(protocol && l4[protocol])
  const sourcePort = ports.source_port
  const destinationPort = ports.destination_port
  if (!protocol || (sourcePort === undefined && destinationPort === undefined))
    return { kind: 'other', what: isWritten(l4.ICMPv4) || isWritten(l4.ICMPv6) ? 'icmp' : 'no port', time }
  const address = object(flow.IP)
  const reporter = nodeOf(flow.node_name ?? line.node_name)
  const reply = isReply(flow, ports)
  const from = { endpoint: object(flow.source), address: textOf(address.source) }
  const to = { endpoint: object(flow.destination), address: textOf(address.destination) }
  const [client, server] = reply === 'yes' ? [to, from] : [from, to]
  const asked = portOf(reply === 'yes' ? sourcePort : destinationPort)
  const remote = otherCluster(flow, from, to)
  const end = (side: typeof from, port: number | undefined): End => {
    if (side === remote) return unresolved('other cluster', textOf(side.endpoint.namespace), side.address)
    const found = ends.resolve({ ...side, port, reporter, time })
    return found.kind === 'node' && isOwnNode(side, side === from ? to : from) ? { ...found, own: true } : found
  }
  const behind =
    server === remote || isIdentified(server) ? undefined : ends.addresses.service(server.address, protocol, asked)
  const verdict = verdictOf(flow.verdict)
  const connection = new Flow(
    time,
    end(client, undefined),
    behind === undefined ? end(server, asked) : endBehind(behind, server.address),
    protocol,
    behind === undefined || behind === 'untold' ? asked : behind.port,
    // That an answer was dropped says nothing of the connection.
    reply === 'yes' && verdict === 'dropped' ? 'untold' : verdict,
    place,
    text,
  )
  if (reply === 'untold') connection.direction = 'untold'
  return { kind: 'connection', connection, node: reporter }
}

class Flow implements Connection {
  readonly time: number
  readonly source: End
  readonly destination: End
  readonly protocol: string
  readonly port: number
  readonly verdict: Connection['verdict']
  readonly place: RecordPlace
  declare direction?: 'untold'
  readonly #text: string

  constructor(
    time: number,
    source: End,
    destination: End,
    protocol: string,
    port: number,
    verdict: Connection['verdict'],
    place: RecordPlace,
    text: string,
  ) {
    this.time = time
    this.source = source
    this.destination = destination
    this.protocol = protocol
    this.port = port
    this.verdict = verdict
    this.place = place
    this.#text = text
  }

  /** Requests of layer 7 carry tokens in their headers and addresses, which the summary repeats. */
  raw(): string {
    const line = object(JSON.parse(this.#text) as Json)
    const flow = object(line.flow ?? line)
    const { l7: _, Summary: __, summary: ___, ...rest } = flow
    try {
      return JSON.stringify(line.flow === undefined ? rest : { ...line, flow: rest }).slice(0, RAW_CHARACTERS)
    } catch {
      // Nested deeper than can be written.
      return ''
    }
  }
}

function endBehind(behind: Exclude<ReturnType<Ends['addresses']['service']>, undefined>, address: string): End {
  if (behind === 'untold') return unresolved('service address', '', address)
  return 'apiServer' in behind ? { kind: 'api-server' } : { kind: 'workload', workload: behind.workload, pod: '' }
}

function isIdentified({ endpoint }: { readonly endpoint: JsonObject }): boolean {
  return textOf(endpoint.pod_name) !== '' || (Array.isArray(endpoint.workloads) && endpoint.workloads.length > 0)
}

/**
 * `is_reply` is null where it is not known. `reply` came before it and was left out when false, so that its absence says
 * nothing; then the handshake of TCP tells, where the record shows it.
 */
function isReply(flow: JsonObject, ports: JsonObject): 'yes' | 'no' | 'untold' {
  const told = flow.is_reply ?? flow.isReply
  if (told === true || flow.reply === true) return 'yes'
  if (told === false || flow.reply === false) return 'no'
  const flags = object(ports.flags)
  if (flags.SYN === true) return flags.ACK === true ? 'yes' : 'no'
  const type = at(flow, 'l7', 'type')
  return type === 'REQUEST' ? 'no' : type === 'RESPONSE' ? 'yes' : 'untold'
}

function verdictOf(verdict: Json | undefined): Connection['verdict'] {
  switch (verdict) {
    case 'FORWARDED':
    case 'REDIRECTED':
    // The policy would drop it and only watches: it went through.
    case 'AUDIT':
      return 'forwarded'
    case 'DROPPED':
      return 'dropped'
    default:
      return 'untold'
  }
}

/** Only a pod of the reporting node has the number of an endpoint there, and `host` is that node. */
function isOwnNode(node: Side, { endpoint }: Side): boolean {
  const { labels } = node.endpoint
  const isHost = Array.isArray(labels) && (labels as readonly Json[]).includes('reserved:host')
  return isHost && typeof endpoint.ID === 'number' && endpoint.ID > 0 && textOf(endpoint.pod_name) !== ''
}

interface Side {
  readonly endpoint: JsonObject
}

const CLUSTER_LABEL = 'k8s:io.cilium.k8s.policy.cluster='

/** Of the ends of a flow between two clusters, the one that is not where it was reported. */
function otherCluster<T extends Side>(flow: JsonObject, source: T, destination: T): T | undefined {
  const from = clusterOf(source.endpoint)
  if (from === '') return undefined
  const to = clusterOf(destination.endpoint)
  if (to === '' || from === to) return undefined
  return flow.traffic_direction === 'INGRESS' ? source : destination
}

function clusterOf(endpoint: JsonObject): string {
  const name = endpoint.cluster_name
  if (typeof name === 'string') return name
  const labels = endpoint.labels
  if (!Array.isArray(labels)) return ''
  for (const label of labels as readonly Json[])
    if (typeof label === 'string' && label.startsWith(CLUSTER_LABEL)) return label.slice(CLUSTER_LABEL.length)
  return ''
}

/** In a mesh the name of a node has that of its cluster before it. */
function nodeOf(name: Json | undefined): string {
  const text = string(name) ?? ''
  return text.slice(text.lastIndexOf('/') + 1)
}

function portOf(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
