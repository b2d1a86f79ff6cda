import { random } from '../../../bench/generate.ts'
import { dateOf, days, HOUR_MS, inOrder, type Line, stamp, within } from './clock.ts'
import { API_SERVER, BACKUP, DROPPED_ONCE, NODES, OUTSIDE, SEED, TALKS, UNNAMED_NIGHT } from './plan.ts'
import { backupPod, type Draw, drawOf, type Pod, pick, podsOf, uuid } from './pods.ts'

/** One end of a flow: a pod, or what Hubble knows of other addresses. */
interface End {
  readonly address: string
  /** The node that it is on, where that is known to Hubble. */
  readonly node: string
  readonly endpoint: object
}

type Verdict = 'FORWARDED' | 'DROPPED'

export type Talk = readonly [client: string, perDay: number, servers: string, verdict?: Verdict]

/** The flow log, one line as `hubble observe -o jsonpb` writes them, in the order of time. */
export function flows(): string {
  const draw = random(SEED + 1)
  const lines: Line[] = []
  for (const [index, day] of days().entries()) {
    for (const [from, perDay, servers, verdict = 'FORWARDED'] of TALKS) {
      for (const to of servers.split(' ')) {
        for (let count = 0; count < perDay; count++) {
          const time = within(day, [0, 24], draw)
          for (const [client, server] of pairs(from, to, time, draw)) {
            lines.push(flow(time, client, server, portOf(to), verdict, draw))
            if (verdict === 'FORWARDED' && draw() < 0.15) lines.push(reply(time + 3, client, server, portOf(to), draw))
          }
        }
      }
    }
    lines.push(...backup(index, day, draw))
  }
  const { at, from, to } = DROPPED_ONCE
  const time = Date.parse(at)
  const [ends] = pairs(from, to, time, draw)
  if (ends) lines.push(flow(time, ends[0], ends[1], portOf(to), 'DROPPED', draw))
  return inOrder(lines)
}

/** The Job's pod asks for a name, and copies. Once Cilium had not yet learned whose the address was. */
function backup(night: number, day: number, draw: Draw): readonly Line[] {
  const pod = ofPod(backupPod(night, dateOf(day)))
  const start = day + BACKUP.hour * HOUR_MS + 31_000
  const to = outside(BACKUP.to)
  const unnamed: End = { ...pod, endpoint: { identity: 0, labels: ['reserved:unknown'] } }
  const dns = ofPod(pick(podsOf('kube-system/coredns', day), draw))
  return [
    flow(start, pod, dns, 53, 'FORWARDED', draw),
    flow(start + 2_000, night === UNNAMED_NIGHT ? unnamed : pod, to, 443, 'FORWARDED', draw),
    flow(start + 9_000, pod, to, 443, 'FORWARDED', draw),
  ]
}

function portOf(server: string): number {
  return Number(server.slice(server.indexOf(':') + 1))
}

function pairs(from: string, called: string, time: number, draw: Draw): readonly (readonly [End, End])[] {
  const to = called.slice(0, called.indexOf(':'))
  if (to === 'kubelet') {
    const client = end(from, time, draw)
    return Object.values(NODES).map(({ name }) => [client, host(name, client.node)])
  }
  const server = end(to, time, draw)
  if (from === 'node') return [[host(server.node, server.node), server]]
  if (from === 'any-node') return [[host(pick(Object.values(NODES), draw).name, server.node), server]]
  return [[end(from, time, draw), server]]
}

function end(name: string, time: number, draw: Draw): End {
  if (name === 'api-server')
    return {
      address: API_SERVER,
      node: '',
      endpoint: { identity: 7, labels: ['reserved:kube-apiserver', 'reserved:remote-node'] },
    }
  if (name === 'dns') return end('kube-system/coredns', time, draw)
  return OUTSIDE[name] === undefined ? ofPod(pick(podsOf(name, time), draw)) : outside(name)
}

function outside(name: string): End {
  return { address: OUTSIDE[name] ?? '', node: '', endpoint: { identity: 2, labels: ['reserved:world'] } }
}

/** A node is `host` to what runs on it and `remote-node` to the rest. */
function host(name: string, seenFrom: string): End {
  const address = Object.values(NODES).find((node) => node.name === name)?.address ?? ''
  const own = name === seenFrom
  return {
    address,
    node: name,
    endpoint: { identity: own ? 1 : 6, labels: [own ? 'reserved:host' : 'reserved:remote-node'] },
  }
}

function ofPod({ namespace, name, workload, part, account, address, node }: Pod): End {
  const draw = drawOf(`${namespace}/${workload.kind}/${workload.name}`)
  const labels = [
    ...(namespace === 'kube-system'
      ? [`k8s:k8s-app=${part}`]
      : [`k8s:app.kubernetes.io/name=${workload.name}`, `k8s:app.kubernetes.io/part-of=${part}`]),
    `k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=${namespace}`,
    'k8s:io.cilium.k8s.policy.cluster=shop',
    `k8s:io.cilium.k8s.policy.serviceaccount=${account}`,
    `k8s:io.kubernetes.pod.namespace=${namespace}`,
  ]
  const identity = 16_384 + Math.floor(draw() * 40_000)
  return {
    address,
    node,
    endpoint: { identity, cluster_name: 'shop', namespace, labels, pod_name: name, workloads: [workload] },
  }
}

function flow(time: number, client: End, server: End, port: number, verdict: Verdict, draw: Draw): Line {
  const inward = 'pod_name' in server.endpoint
  const dropped = verdict === 'DROPPED'
  const flags = { flags: { SYN: true } }
  return line(time, draw, inward ? server.node : client.node, {
    verdict,
    ...(dropped ? { drop_reason: 133 } : {}),
    IP: { source: client.address, destination: server.address, ipVersion: 'IPv4' },
    l4: port === 53 ? { UDP: ports(clientPort(draw), port) } : { TCP: { ...ports(clientPort(draw), port), ...flags } },
    source: client.endpoint,
    destination: server.endpoint,
    ...eventOf(dropped, inward),
    traffic_direction: inward ? 'INGRESS' : 'EGRESS',
    ...(dropped ? { drop_reason_desc: 'POLICY_DENIED' } : {}),
    is_reply: false,
    Summary: port === 53 ? 'UDP' : 'TCP Flags: SYN',
  })
}

function reply(time: number, client: End, server: End, port: number, draw: Draw): Line {
  const inward = 'pod_name' in server.endpoint
  const flags = { flags: { SYN: true, ACK: true } }
  return line(time, draw, inward ? server.node : client.node, {
    verdict: 'FORWARDED',
    IP: { source: server.address, destination: client.address, ipVersion: 'IPv4' },
    l4: port === 53 ? { UDP: ports(port, clientPort(draw)) } : { TCP: { ...ports(port, clientPort(draw)), ...flags } },
    source: server.endpoint,
    destination: client.endpoint,
    ...eventOf(false, !inward),
    traffic_direction: inward ? 'INGRESS' : 'EGRESS',
    is_reply: true,
    Summary: port === 53 ? 'UDP' : 'TCP Flags: SYN, ACK',
  })
}

function ports(source: number, destination: number): object {
  return { source_port: source, destination_port: destination }
}

function clientPort(draw: Draw): number {
  return 32_768 + Math.floor(draw() * 28_000)
}

function eventOf(dropped: boolean, toEndpoint: boolean): object {
  if (dropped) return { event_type: { type: 1, sub_type: 133 } }
  return toEndpoint
    ? { event_type: { type: 4 }, trace_observation_point: 'TO_ENDPOINT' }
    : { event_type: { type: 4, sub_type: 3 }, trace_observation_point: 'TO_STACK' }
}

function line(time: number, draw: Draw, node: string, told: object): Line {
  const at = stamp(time, 9, draw)
  const value = {
    flow: { time: at, uuid: uuid(draw), ...told, Type: 'L3_L4', node_name: `shop/${node}` },
    node_name: `shop/${node}`,
    time: at,
  }
  return { time, text: JSON.stringify(value) }
}
