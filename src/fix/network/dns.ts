import { at, strings } from '../../cluster/json.ts'
import type { Workload } from '../../cluster/workload.ts'
import type { NetworkModel } from '../../engines/network/model.ts'
import type { Allowance, Port } from './allowance.ts'
import { distinctBlocks, formatPorts, type Needs } from './ends.ts'
import { selectorOf } from './selector.ts'

const DNS: readonly Port[] = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
]

/** Where NodeLocal DNSCache listens on each node (cluster/addons/dns/nodelocaldns). */
const NODE_LOCAL: Allowance = { peer: { kind: 'block', cidr: '169.254.20.10/32' }, ports: DNS }

const USUAL: Allowance = {
  peer: { kind: 'pods', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
  ports: DNS,
}

const found = new WeakMap<NetworkModel, Needs>()

/** Whoever is isolated for egress and cannot ask for names breaks at once, and at all that it does. */
export function dnsNeeds(model: NetworkModel, workload: Workload): Needs {
  const known = found.get(model) ?? clusterDns(model)
  found.set(model, known)
  const own = workload.specs.flatMap(({ pod, object }) =>
    strings(at(object.body, ...pod.path, 'dnsConfig', 'nameservers')),
  )
  if (own.length === 0) return known
  const servers = distinctBlocks(own).map((peer) => ({ peer, ports: DNS }))
  return { ...known, allowances: [...known.allowances, ...servers] }
}

function clusterDns(model: NetworkModel): Needs {
  const members = model.members.flatMap((member) => (member.kind !== 'node' && isDns(member.workload) ? [member] : []))
  if (members.some(({ kind }) => kind === 'host')) {
    return {
      allowances: [{ peer: 'everyone', ports: DNS }],
      notes: [`the cluster's DNS is on its nodes' network, so that everyone is admitted on ${formatPorts(DNS)}`],
    }
  }
  const served = members.map((member) => {
    // OpenShift's listens on 5353 behind port 53 of its Service.
    const others = (model.served[member.index] ?? []).filter(({ port }) => port === 5353)
    const labels = member.workload.namespace === 'kube-system' ? USUAL.peer : undefined
    const isUsual = member.pod.labels.get('k8s-app') === 'kube-dns'
    const own = isUsual ? undefined : selectorOf(model, member.workload)?.labels
    const peer = own ? { kind: 'pods' as const, namespace: member.workload.namespace, labels: own } : labels
    return peer === undefined ? [] : [{ peer, ports: [...DNS, ...others] }]
  })
  return { allowances: [...(served.length > 0 ? served.flat() : [USUAL]), NODE_LOCAL], notes: [] }
}

function isDns({ namespace, specs, name }: Workload): boolean {
  if (namespace === 'openshift-dns') return name === 'dns-default'
  return (
    namespace === 'kube-system' &&
    specs.some(({ pod }) => ['kube-dns', 'coredns'].includes(pod.labels.get('k8s-app') ?? pod.labels.get('app') ?? ''))
  )
}
