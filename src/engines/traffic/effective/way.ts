import { type AddressSet, PUBLIC } from '../../../cluster/addresses.ts'
import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, list, string, strings } from '../../../cluster/json.ts'
import type { Truth } from '../../../cluster/labels.ts'
import { annotationsOf, type KubeObject } from '../../../cluster/object.ts'
import type { Controller } from '../controllers/controller.ts'
import { sourcesOf } from '../front/sources.ts'
import { balancerOf } from './balancer.ts'
import { frontedWays } from './fronted.ts'

/** How connections from outside come to a controller, by one Service or by ports of its nodes. */
export interface Way {
  /** Undefined where they come to ports of its nodes. */
  readonly service: KubeObject | undefined
  /** Whether the controller sees the address of whoever connected to the cluster. */
  readonly keepsAddress: Truth
  /** Whether what stands before the Service tells the address by the PROXY protocol. */
  readonly tellsAddress: Truth
  /** The public addresses that are let in. */
  readonly sources: AddressSet
  /** What stands between adds the address that it sees to X-Forwarded-For. */
  readonly appends?: true
  /** The addresses that the controller sees in place of clients'; absent: private ones. */
  readonly peers?: AddressSet
  readonly because: readonly Because[]
}

const done = new WeakMap<Controller, readonly Way[]>()

/**
 * Every way from outside to a controller that the input shows. `isInternal`: whether a Service is a load balancer that
 * nobody outside reaches; it counts where there is no other.
 */
export function waysOf(
  controller: Controller,
  cluster: Cluster,
  isInternal: (service: KubeObject) => boolean = () => false,
): readonly Way[] {
  const known = done.get(controller)
  if (known) return known
  const fronted = frontedWays(controller, cluster)
  // A NodePort that a proxy in front connects to is there for that proxy.
  const used = new Set(fronted.map(({ service }) => service))
  const own = controller.services.filter(
    (service) => carriesRequests(service) && (!used.has(service) || isBalancer(service)),
  )
  const all = [...own.flatMap((service) => byService(service, cluster)), ...fronted, ...byHost(controller)]
  const outer = all.filter(({ service }) => service === undefined || !isBalancer(service) || !isInternal(service))
  const ways = outer.length > 0 ? outer : all
  done.set(controller, ways)
  return ways
}

function isBalancer(service: KubeObject): boolean {
  return string(at(service.body, 'spec', 'type')) === 'LoadBalancer'
}

/** Ports of a controller by which nobody’s requests come: what it tells about itself, and what the API server asks it. */
const OTHER_PORTS = /metric|prometheus|webhook|admission|health|probe|monitor/i

function carriesRequests(service: KubeObject): boolean {
  const ports = list(at(service.body, 'spec', 'ports'))
  return ports.length === 0 || ports.some((each) => !OTHER_PORTS.test(string(field(each, 'name')) ?? ''))
}

function byService(service: KubeObject, cluster: Cluster): readonly Way[] {
  const type = string(at(service.body, 'spec', 'type'))
  const isBalanced = type === 'LoadBalancer'
  if (!isBalanced && type !== 'NodePort' && strings(at(service.body, 'spec', 'externalIPs')).length === 0) return []
  const policy = string(at(service.body, 'spec', 'externalTrafficPolicy')) || 'Cluster'
  const path = ['spec', 'externalTrafficPolicy']
  const tells = proxyProtocol(service)
  const common = { service, tellsAddress: tells.truth, sources: sourcesOf(service, cluster).set }
  const balancer = isBalanced ? balancerOf(service, cluster) : undefined
  if (balancer?.keeps === 'by-itself')
    return [
      { ...common, keepsAddress: 'yes', because: [because(balancer.text, balancer.object ?? service, balancer.path)] },
    ]
  if (policy !== 'Local') {
    if (forwardsDirectly(cluster))
      return [{ ...common, keepsAddress: 'yes', because: [because('Cilium forwards with the client’s address (DSR)')] }]
    const text =
      at(service.body, ...path) === undefined
        ? 'says no externalTrafficPolicy: Cluster, so that nodes put their own address in place of the client’s'
        : 'externalTrafficPolicy Cluster: nodes put their own address in place of the client’s'
    return [{ ...common, keepsAddress: 'no', because: [because(text, service, path), ...tells.because] }]
  }
  const local = because('externalTrafficPolicy Local keeps the client’s address', service, path)
  if (balancer?.keeps === 'no')
    return [
      {
        ...common,
        keepsAddress: 'no',
        because: [because(balancer.text, balancer.object ?? service, balancer.path), ...tells.because],
      },
    ]
  return [{ ...common, keepsAddress: 'yes', because: [local] }]
}

/** kube-proxy is replaced, and answers go to clients directly. */
function forwardsDirectly(cluster: Cluster): boolean {
  const config = cluster.ofKind('ConfigMap').find(({ name }) => name === 'cilium-config')
  const data = at(config?.body, 'data')
  const replaced = string(at(data, 'kube-proxy-replacement')) ?? ''
  return /^(dsr|hybrid)$/.test(string(at(data, 'bpf-lb-mode')) ?? '') && !/^(|false|disabled|probe)$/.test(replaced)
}

/** Ports of its nodes, which keep the address: the pod is on the node's network, or the plugin for host ports passes it on. */
function byHost({ workload }: Controller): readonly Way[] {
  for (const { pod, object } of workload?.specs ?? [])
    for (const container of pod.containers)
      for (const { hostPort, path } of container.ports)
        if (hostPort !== undefined || pod.hostNetwork)
          return [
            {
              service: undefined,
              keepsAddress: 'yes',
              tellsAddress: 'no',
              sources: PUBLIC,
              because: [because('its ports are those of its node, where the client’s address is seen', object, path)],
            },
          ]
  return []
}

const PROXY_PROTOCOL: readonly (readonly [string, RegExp])[] = [
  ['service.beta.kubernetes.io/aws-load-balancer-proxy-protocol', /^\*$/],
  ['service.beta.kubernetes.io/aws-load-balancer-target-group-attributes', /proxy_protocol_v2\.enabled=true/],
  ['service.beta.kubernetes.io/do-loadbalancer-enable-proxy-protocol', /^true$/],
  ['service.beta.kubernetes.io/scw-loadbalancer-proxy-protocol-v1', /^(true|\*)$/],
  ['service.beta.kubernetes.io/scw-loadbalancer-proxy-protocol-v2', /^(true|\*)$/],
  ['load-balancer.hetzner.cloud/uses-proxyprotocol', /^true$/],
  ['service.beta.kubernetes.io/linode-loadbalancer-default-proxy-protocol', /^v[12]$/],
  ['loadbalancer.openstack.org/proxy-protocol', /^(true|v1|v2)$/],
  ['service.beta.kubernetes.io/vultr-loadbalancer-proxy-protocol', /^true$/],
  ['kubernetes.civo.com/loadbalancer-enable-proxy-protocol', /^send-proxy/],
  ['service.kubernetes.io/ibm-load-balancer-cloud-provider-enable-features', /proxy-protocol/],
  ['service.beta.kubernetes.io/ovh-loadbalancer-proxy-protocol', /^v[12]/],
]

/** Whether the cloud's load balancer was told to send it; of one that the input does not show nobody knows. */
function proxyProtocol(service: KubeObject): { readonly truth: Truth; readonly because: readonly Because[] } {
  const annotations = annotationsOf(service.body)
  const found = PROXY_PROTOCOL.find(([key, value]) => value.test(annotations.get(key) ?? ''))
  if (found)
    return {
      truth: 'yes',
      because: [because('its load balancer sends the PROXY protocol', service, ['metadata', 'annotations', found[0]])],
    }
  return { truth: string(at(service.body, 'spec', 'type')) === 'LoadBalancer' ? 'no' : 'unknown', because: [] }
}
