import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, list, string } from '../../../cluster/json.ts'
import { annotationsOf, type KubeObject } from '../../../cluster/object.ts'

const AWS = 'service.beta.kubernetes.io/aws-load-balancer-'

/** What a cloud's load balancer does to the address of clients. */
export interface Balancer {
  readonly keeps: 'no' | 'by-itself'
  readonly text: string
  /** Where it is said, if not in the Service itself. */
  readonly object?: KubeObject
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
  [/^kubernetes\.civo\.com\/loadbalancer-/, 'Civo’s load balancer'],
]

/** The same by `spec.providerID` of nodes, for Services that say nothing of the cloud. */
const CLOUDS: readonly (readonly [string, string])[] = [
  ['aws://', 'a classic load balancer of AWS, which a Service without annotations gets,'],
  ['digitalocean://', 'DigitalOcean’s load balancer'],
  ['scaleway://', 'Scaleway’s load balancer'],
  ['hcloud://', 'Hetzner’s load balancer'],
  ['linode://', 'Linode’s NodeBalancer'],
  ['openstack://', 'Octavia'],
  ['ocid1.', 'Oracle’s load balancer'],
  ['vultr://', 'Vultr’s load balancer'],
  ['civo://', 'Civo’s load balancer'],
]

/** Undefined where it is not known to stand between: connections then come as the Service's traffic policy says. */
export function balancerOf(service: KubeObject, cluster: Cluster): Balancer | undefined {
  const annotations = annotationsOf(service.body)
  const keys = [...annotations.keys()]
  const aws = keys.find((key) => key.startsWith(AWS))
  if (aws !== undefined || /^eks\.amazonaws\.com\//.test(string(at(service.body, 'spec', 'loadBalancerClass')) ?? ''))
    return onAws(service, annotations, aws ?? '')
  for (const [pattern, name] of PROXIES) {
    const key = keys.find((each) => pattern.test(each))
    if (key !== undefined)
      return { keeps: 'no', text: `${name} connects with its own address`, path: ['metadata', 'annotations', key] }
  }
  return string(at(service.body, 'spec', 'loadBalancerClass')) === undefined ? bySigns(service, cluster) : undefined
}

/** A Service that says nothing of its cloud: by the name that it got, else by where the nodes are. */
function bySigns(service: KubeObject, cluster: Cluster): Balancer | undefined {
  const path = ['status', 'loadBalancer', 'ingress']
  const names = list(at(service.body, ...path)).map((each) => string(field(each, 'hostname')) ?? '')
  // NAME.REGION.elb.amazonaws.com is a classic one; NAME.elb.REGION.amazonaws.com a network load balancer.
  if (names.some((name) => name.endsWith('.elb.amazonaws.com')))
    return { keeps: 'no', text: 'a classic load balancer of AWS connects with its own address', path }
  if (names.some((name) => /\.elb\.[a-z0-9-]+\.amazonaws\.com$/.test(name.slice(-300)))) return undefined
  for (const node of cluster.ofKind('Node')) {
    const id = string(at(node.body, 'spec', 'providerID')) ?? ''
    const cloud = CLOUDS.find(([prefix]) => id.startsWith(prefix))
    if (cloud)
      return {
        keeps: 'no',
        text: `${cloud[1]} connects with its own address`,
        object: node,
        path: ['spec', 'providerID'],
      }
    if (id !== '') return undefined
  }
  return undefined
}

/** A classic load balancer is a proxy; a network load balancer keeps addresses for instances, and for pods if it is told to. */
function onAws(service: KubeObject, annotations: ReadonlyMap<string, string>, key: string): Balancer | undefined {
  const type = annotations.get(`${AWS}type`)
  const named = string(at(service.body, 'spec', 'loadBalancerClass')) ?? ''
  const byClass = /^(service\.k8s\.aws|eks\.amazonaws\.com)\/nlb$/.test(named)
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
  // EKS Auto Mode sends to pods unless it is told otherwise; the AWS Load Balancer Controller to instances.
  const usual = named.startsWith('eks.') ? 'ip' : 'instance'
  const toPods = type === 'nlb-ip' || (annotations.get(`${AWS}nlb-target-type`) ?? usual) === 'ip'
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
        path: annotations.has(`${AWS}nlb-target-type`)
          ? path('nlb-target-type')
          : type === undefined
            ? ['spec', 'loadBalancerClass']
            : path('type'),
      }
}
