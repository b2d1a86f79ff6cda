import type { Because } from '../../cluster/because.ts'
import { because } from '../../cluster/because.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { at } from '../../cluster/json.ts'
import type { Container } from '../../cluster/pod.ts'
import type { Workload } from '../../cluster/workload.ts'

/** `--enforced`: whether NetworkPolicies cut. `assume`: as written, unless the network plugin is known not to enforce them. */
export type Enforced = 'yes' | 'no' | 'assume'

export interface Enforcement {
  /** `unknown`: no enforcer was seen; policies cut as written, which is an assumption. */
  readonly truth: 'yes' | 'no' | 'unknown'
  readonly because: readonly Because[]
  /** Cilium knows pods by identity, so that an ipBlock matches none. */
  readonly blocksMatchPods: boolean
}

interface Plugin {
  readonly name: string
  readonly runs: (container: Container, workload: Workload, cluster: Cluster) => boolean
}

const image =
  (pattern: RegExp) =>
  (container: Container): boolean =>
    pattern.test(container.image)

const ENFORCERS: readonly Plugin[] = [
  { name: 'Calico', runs: image(/calico[-/]node([:@]|$)|hardened-calico([:@]|$)/) },
  { name: 'Cilium', runs: image(/cilium[-/]cilium(-ci|-dev)?([:@]|$)/) },
  {
    name: 'GKE Dataplane V2',
    runs: (container, workload) => workload.name.startsWith('anetd') || container.name === 'cilium-agent',
  },
  { name: 'Antrea', runs: image(/(^|\/)antrea-(agent|ubuntu|ubi)[a-z-]*([:@]|$)/) },
  { name: 'kube-router', runs: image(/(^|\/)kube-router([:@]|$)/) },
  { name: 'Weave Net', runs: image(/(^|\/)weave-npc([:@]|$)/) },
  {
    name: 'OVN-Kubernetes',
    runs: (container) =>
      /^ovnkube-(node|controller)$/.test(container.name) || image(/(^|\/)ovn-kube[a-z-]*([:@]|$)/)(container),
  },
  { name: 'Kube-OVN', runs: image(/(^|\/)kube-ovn([:@]|$)/) },
  { name: 'OpenShift SDN', runs: (_, workload) => workload.namespace === 'openshift-sdn' && workload.name === 'sdn' },
  { name: 'Azure NPM', runs: image(/(^|\/)azure-npm([:@]|$)/) },
  { name: 'Romana', runs: image(/(^|\/)romana\/agent([:@]|$)/) },
  { name: 'kube-network-policies', runs: image(/(^|\/)kube-network-policies([:@]|$)/) },
  {
    name: 'kindnet',
    runs: (container) => image(/(^|\/)kindnetd([:@]|$)/)(container) && kindnetEnforces(container.image),
  },
  {
    name: 'Amazon VPC CNI',
    runs: (container, _, cluster) => image(/aws-network-policy-agent/)(container) && awsEnforces(container, cluster),
  },
]

const NON_ENFORCERS: readonly Plugin[] = [
  { name: 'flannel', runs: image(/flannel([:@]|$)/) },
  {
    name: 'kindnet before v20240813',
    runs: (container) => image(/(^|\/)kindnetd([:@]|$)/)(container) && !kindnetEnforces(container.image),
  },
  { name: 'Amazon VPC CNI without its policy agent', runs: image(/(^|\/)amazon-k8s-cni([:@]|$)/) },
]

/** kindnetd is tagged by date, and enforces since that of kind v0.24. */
function kindnetEnforces(name: string): boolean {
  const date = /:v?(\d{8})/.exec(name)?.[1]
  return date === undefined || date >= '20240813'
}

/** The agent runs beside every VPC CNI and does nothing until it is switched on. */
function awsEnforces(container: Container, cluster: Cluster): boolean {
  const config = cluster.get('ConfigMap/kube-system/amazon-vpc-cni')
  return (
    container.args.includes('--enable-network-policy=true') ||
    at(config?.body, 'data', 'enable-network-policy-controller') === 'true'
  )
}

export function enforcement(cluster: Cluster, option: Enforced): Enforcement {
  const enforcer = find(cluster, ENFORCERS)
  const blocksMatchPods = enforcer?.name !== 'Cilium' && enforcer?.name !== 'GKE Dataplane V2'
  if (option !== 'assume') return { truth: option, because: [because(`--enforced ${option}`)], blocksMatchPods }
  if (enforcer)
    return {
      truth: 'yes',
      because: [because(`${enforcer.name} enforces network policies`, enforcer.object, enforcer.path)],
      blocksMatchPods,
    }
  const k3s = cluster.placement.nodes.find((node) => node.kubelet !== undefined && /\+k3s\d*$/.test(node.kubelet))
  if (k3s) {
    const path = ['status', 'nodeInfo', 'kubeletVersion']
    return {
      truth: 'yes',
      because: [because('k3s has the policy controller of kube-router built in', k3s.object, path)],
      blocksMatchPods,
    }
  }
  const other = find(cluster, NON_ENFORCERS)
  if (other)
    return {
      truth: 'no',
      because: [because(`${other.name} does not enforce network policies`, other.object, other.path)],
      blocksMatchPods,
    }
  return { truth: 'unknown', because: [because('no enforcer of network policies is in the input')], blocksMatchPods }
}

/** Only DaemonSets and pods bound to their node act on every node. */
function find(
  cluster: Cluster,
  plugins: readonly Plugin[],
): { name: string; object: Workload['specs'][number]['object']; path: Container['path'] } | undefined {
  for (const workload of cluster.workloads) {
    if (workload.kind !== 'DaemonSet') continue
    for (const { pod, object } of workload.specs) {
      for (const container of pod.containers) {
        const plugin = plugins.find((each) => each.runs(container, workload, cluster))
        if (plugin) return { name: plugin.name, object, path: container.path }
      }
    }
  }
  return undefined
}
