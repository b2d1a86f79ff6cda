import {
  type AddressSet,
  ALL_ADDRESSES,
  addressesOf,
  addressSet,
  intersectAddresses,
  noAddresses,
  overlap,
  PUBLIC,
} from '../../../cluster/addresses.ts'
import { at, field, list, string, strings } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Service } from '../services.ts'

/** Annotations by which a cloud is asked for a load balancer inside its own network, and the values that say so. */
const INTERNAL: readonly (readonly [string, RegExp])[] = [
  ['service.beta.kubernetes.io/aws-load-balancer-internal', /^(?!false$)./],
  ['service.beta.kubernetes.io/aws-load-balancer-scheme', /^internal$/],
  ['networking.gke.io/load-balancer-type', /^internal$/i],
  ['cloud.google.com/load-balancer-type', /^internal$/i],
  ['service.beta.kubernetes.io/azure-load-balancer-internal', /^true$/],
  ['service.beta.kubernetes.io/openstack-internal-load-balancer', /^true$/],
  ['service.beta.kubernetes.io/oci-load-balancer-internal', /^true$/],
  ['oci-network-load-balancer.oraclecloud.com/internal', /^true$/],
  ['service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type', /^intranet$/],
  ['service.kubernetes.io/qcloud-loadbalancer-internal-subnetid', /./],
  ['service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type', /^private$/],
  ['service.beta.kubernetes.io/do-loadbalancer-network', /^internal$/i],
  ['load-balancer.hetzner.cloud/disable-public-network', /^true$/],
  ['networking.istio.io/service-type', /^ClusterIP$/],
]

/** The annotation that keeps a load balancer off the internet. */
export function internalBy(annotations: ReadonlyMap<string, string>): string | undefined {
  return INTERNAL.find(([key, value]) => value.test(annotations.get(key) ?? ''))?.[0]
}

const AWS_TYPE = 'service.beta.kubernetes.io/aws-load-balancer-type'
const AWS_SCHEME = 'service.beta.kubernetes.io/aws-load-balancer-scheme'

/** Why a Service's load balancer does not face the internet. */
export function internalLoadBalancer({ annotations, object }: Service): string | undefined {
  const annotation = internalBy(annotations)
  if (annotation !== undefined) return `the annotation ${annotation} makes it internal`
  const loadBalancerClass = string(at(object.body, 'spec', 'loadBalancerClass')) ?? ''
  const byController =
    /^(external|nlb-ip)$/.test(annotations.get(AWS_TYPE) ?? '') ||
    /^(service\.k8s\.aws|eks\.amazonaws\.com)\/nlb$/.test(loadBalancerClass)
  // The AWS Load Balancer Controller, unlike the in-tree one, makes internal load balancers unless told otherwise.
  return byController && !annotations.has(AWS_SCHEME)
    ? 'the AWS Load Balancer Controller makes it internal by default'
    : undefined
}

const RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges'

/** The public addresses that a load balancer lets in. */
export function publicSources({ object, annotations }: Service): AddressSet {
  const given = strings(at(object.body, 'spec', 'loadBalancerSourceRanges'))
  const ranges = given.length > 0 ? given : (annotations.get(RANGES) ?? '').split(',').map((range) => range.trim())
  const parsed = ranges.filter((range) => addressSet(range) !== undefined)
  return intersectAddresses(PUBLIC, parsed.length === 0 ? ALL_ADDRESSES : addressesOf(parsed))
}

/** A live load balancer whose only addresses are private may still be reached through some other device. */
export function hasPrivateAddress(object: KubeObject): boolean {
  const ingress = list(at(object.body, 'status', 'loadBalancer', 'ingress'))
  const addresses = addressesOf(ingress.flatMap((each) => string(field(each, 'ip')) ?? []))
  const hasName = ingress.some((each) => string(field(each, 'hostname')) !== undefined)
  return !hasName && !noAddresses(addresses) && !overlap(addresses, PUBLIC)
}
