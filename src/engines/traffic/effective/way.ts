import { type AddressSet, PUBLIC } from '../../../cluster/addresses.ts'
import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, string, strings } from '../../../cluster/json.ts'
import type { Truth } from '../../../cluster/labels.ts'
import { annotationsOf, type KubeObject } from '../../../cluster/object.ts'
import type { Controller } from '../controllers/controller.ts'
import { sourcesOf } from '../front/sources.ts'

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
  readonly because: readonly Because[]
}

const done = new WeakMap<Controller, readonly Way[]>()

/** Every way from outside to a controller that the input shows. */
export function waysOf(controller: Controller, cluster: Cluster): readonly Way[] {
  const known = done.get(controller)
  if (known) return known
  const ways = [...controller.services.flatMap((service) => byService(service, cluster)), ...byHost(controller)]
  done.set(controller, ways)
  return ways
}

function byService(service: KubeObject, cluster: Cluster): readonly Way[] {
  const type = string(at(service.body, 'spec', 'type'))
  const isBalanced = type === 'LoadBalancer'
  if (!isBalanced && type !== 'NodePort' && strings(at(service.body, 'spec', 'externalIPs')).length === 0) return []
  const policy = string(at(service.body, 'spec', 'externalTrafficPolicy')) || 'Cluster'
  const path = ['spec', 'externalTrafficPolicy']
  const tells = proxyProtocol(service)
  const common = { service, tellsAddress: tells.truth, sources: sourcesOf(service, cluster).set }
  const balancer = isBalanced ? balancerOf(service) : undefined
  if (balancer?.keeps === 'by-itself')
    return [{ ...common, keepsAddress: 'yes', because: [because(balancer.text, service, balancer.path)] }]
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
        because: [because(balancer.text, service, balancer.path), ...tells.because],
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

const AWS = 'service.beta.kubernetes.io/aws-load-balancer-'

interface Balancer {
  readonly keeps: 'no' | 'by-itself'
  readonly text: string
  readonly path: readonly string[]
}

/** Load balancers that make connections of their own, by the annotations of their clouds. */
const PROXIES: readonly (readonly [RegExp, string])[] = [
  [/^service\.beta\.kubernetes\.io\/do-loadbalancer-/, 'DigitalOcean’s load balancer'],
  [/^service\.beta\.kubernetes\.io\/scw-loadbalancer-/, 'Scaleway’s load balancer'],
  [/^load-balancer\.hetzner\.cloud\//, 'Hetzner’s load balancer'],
  [/^service\.beta\.kubernetes\.io\/linode-loadbalancer-/, 'Linode’s NodeBalancer'],
  [/^loadbalancer\.openstack\.org\//, 'Octavia'],
  [/^service\.beta\.kubernetes\.io\/oci-load-balancer-/, 'Oracle’s load balancer'],
  [/^service\.beta\.kubernetes\.io\/vultr-loadbalancer-/, 'Vultr’s load balancer'],
]

function balancerOf(service: KubeObject): Balancer | undefined {
  const annotations = annotationsOf(service.body)
  const keys = [...annotations.keys()]
  const aws = keys.find((key) => key.startsWith(AWS))
  if (aws !== undefined) return onAws(service, annotations, aws)
  for (const [pattern, name] of PROXIES) {
    const key = keys.find((each) => pattern.test(each))
    if (key !== undefined)
      return { keeps: 'no', text: `${name} connects with its own address`, path: ['metadata', 'annotations', key] }
  }
  return undefined
}

/** A classic load balancer is a proxy; a network load balancer keeps addresses for instances, and for pods if it is told to. */
function onAws(service: KubeObject, annotations: ReadonlyMap<string, string>, key: string): Balancer | undefined {
  const type = annotations.get(`${AWS}type`)
  const byClass = /(service\.k8s\.aws|eks\.amazonaws\.com)\/nlb/.test(
    string(at(service.body, 'spec', 'loadBalancerClass')) ?? '',
  )
  const path = (name: string): readonly string[] => ['metadata', 'annotations', `${AWS}${name}`]
  if (type === undefined && !byClass)
    return {
      keeps: 'no',
      text: 'a classic load balancer of AWS connects with its own address',
      path: ['metadata', 'annotations', key],
    }
  const attributes = annotations.get(`${AWS}target-group-attributes`) ?? ''
  if (/preserve_client_ip\.enabled=false/.test(attributes))
    return { keeps: 'no', text: 'preserve_client_ip is turned off', path: path('target-group-attributes') }
  const toPods = type === 'nlb-ip' || annotations.get(`${AWS}nlb-target-type`) === 'ip'
  if (!toPods) return undefined
  return /preserve_client_ip\.enabled=true/.test(attributes)
    ? {
        keeps: 'by-itself',
        text: 'its load balancer connects to pods with the client’s address',
        path: path('target-group-attributes'),
      }
    : {
        keeps: 'no',
        text: 'a network load balancer connects to pods with its own address, unless preserve_client_ip is on',
        path: path('nlb-target-type'),
      }
}

const PROXY_PROTOCOL: readonly (readonly [string, RegExp])[] = [
  [`${AWS}proxy-protocol`, /^\*$/],
  [`${AWS}target-group-attributes`, /proxy_protocol_v2\.enabled=true/],
  ['service.beta.kubernetes.io/do-loadbalancer-enable-proxy-protocol', /^true$/],
  ['service.beta.kubernetes.io/scw-loadbalancer-proxy-protocol-v1', /^(true|\*)$/],
  ['service.beta.kubernetes.io/scw-loadbalancer-proxy-protocol-v2', /^(true|\*)$/],
  ['load-balancer.hetzner.cloud/uses-proxyprotocol', /^true$/],
  ['service.beta.kubernetes.io/linode-loadbalancer-default-proxy-protocol', /^v[12]$/],
  ['loadbalancer.openstack.org/proxy-protocol', /^(true|v1|v2)$/],
  ['service.beta.kubernetes.io/vultr-loadbalancer-proxy-protocol', /^true$/],
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
