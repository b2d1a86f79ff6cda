import {
  type AddressSet,
  ALL_ADDRESSES,
  addressesOf,
  addressSet,
  intersectAddresses,
  isAnywhere,
  NO_ADDRESSES,
  noAddresses,
  overlap,
  PRIVATE,
  PUBLIC,
  subtractAddresses,
  uniteAddresses,
} from '../../../cluster/addresses.ts'
import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, type Path, string, strings } from '../../../cluster/json.ts'
import { annotationsOf, idOf, type KubeObject } from '../../../cluster/object.ts'
import { ingressClassOf } from '../../../cluster/serving-class.ts'
import type { Provider } from './provider.ts'
import type { ProviderRanges, Ranges } from './ranges.ts'

/** Who a load balancer lets in, as its object says. */
export interface Sources {
  /** What is written, where it is ranges; empty where nothing is. */
  readonly cidrs: readonly string[]
  /** The public addresses that it lets in. */
  readonly set: AddressSet
  /** By a service tag that stands for a provider's edges. */
  readonly tag?: Provider
  /** Something else decides that the input does not hold: a security group, a prefix list. */
  readonly unread?: string
  readonly because: readonly Because[]
}

const RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges'
const AZURE_RANGES = 'service.beta.kubernetes.io/azure-allowed-ip-ranges'
const AZURE_TAGS = 'service.beta.kubernetes.io/azure-allowed-service-tags'
const ALB = 'alb.ingress.kubernetes.io/'

/** Annotations by which a security group or a prefix list, which only the cloud holds, decides who comes in. */
const ELSEWHERE: readonly (readonly [string, string])[] = [
  ['service.beta.kubernetes.io/aws-load-balancer-security-group-prefix-lists', 'the prefix list'],
  ['service.beta.kubernetes.io/aws-load-balancer-security-groups', 'the security group'],
  [`${ALB}security-group-prefix-lists`, 'the prefix list'],
  [`${ALB}security-groups`, 'the security group'],
]

export function sourcesOf(object: KubeObject, cluster: Cluster): Sources {
  const annotations = annotationsOf(object.body)
  const annotated = (key: string): Written | undefined => {
    const value = annotations.get(key)
    return value === undefined ? undefined : { cidrs: split(value), object, path: ['metadata', 'annotations', key] }
  }
  const written =
    object.kind === 'Service'
      ? (field(object, ['spec', 'loadBalancerSourceRanges']) ?? annotated(RANGES) ?? annotated(AZURE_RANGES))
      : (annotated(`${ALB}inbound-cidrs`) ?? ofClass(object, cluster, ['spec', 'inboundCIDRs']))
  const tags = split(annotations.get(AZURE_TAGS) ?? '')
  if (tags.length > 0) {
    const path = ['metadata', 'annotations', AZURE_TAGS]
    const isFrontDoor = tags.every((tag) => /^AzureFrontDoor\.Backend$/i.test(tag))
    const reason = because(`lets in the service tag ${tags.join(', ')}`, object, path)
    return isFrontDoor && written === undefined
      ? { cidrs: [], set: NO_ADDRESSES, tag: 'azure-front-door', because: [reason] }
      : { ...fromWritten(written), unread: `which addresses ${tags.join(', ')} stands for`, because: [reason] }
  }
  const elsewhere = ELSEWHERE.find(([key]) => (annotations.get(key) ?? '') !== '')
  if (elsewhere) {
    const [key, what] = elsewhere
    const named = annotations.get(key) as string
    return {
      ...fromWritten(written),
      unread: `${what} ${named}`,
      because: [because(`${what} ${named} decides who comes in`, object, ['metadata', 'annotations', key])],
    }
  }
  return fromWritten(written)
}

interface Written {
  readonly cidrs: readonly string[]
  readonly object: KubeObject
  readonly path: Path
}

function fromWritten(written: Written | undefined): Sources {
  const sources = fromRanges(written?.cidrs ?? [])
  const count = sources.cidrs.length
  if (!written || count === 0) return sources
  return { ...sources, because: [because(`lets in ${count} ranges`, written.object, written.path)] }
}

/** Sources that are written as ranges alone. As in the cloud controllers: a list without any range restricts nothing. */
export function fromRanges(cidrs: readonly string[]): Sources {
  const own = cidrs.filter((each) => addressSet(each) !== undefined)
  const set = intersectAddresses(PUBLIC, own.length === 0 ? ALL_ADDRESSES : addressesOf(own))
  return { cidrs: own, set, because: [] }
}

function field(object: KubeObject, path: Path): Written | undefined {
  const cidrs = strings(at(object.body, ...path))
  return cidrs.length === 0 ? undefined : { cidrs, object, path }
}

/** IngressClassParams of the AWS Load Balancer Controller, which win over what its Ingresses say. */
function ofClass(object: KubeObject, cluster: Cluster, path: Path): Written | undefined {
  const params = classParams(object, cluster)
  return params && field(params, path)
}

export function classParams(object: KubeObject, cluster: Cluster): KubeObject | undefined {
  if (object.kind !== 'Ingress') return undefined
  const parameters = at(ingressClassOf(cluster, object).object?.body, 'spec', 'parameters')
  const name = string(at(parameters, 'name'))
  return name === undefined ? undefined : cluster.get(idOf('IngressClassParams.elbv2.k8s.aws', '', name))
}

function split(value: string): readonly string[] {
  return value
    .slice(0, 100_000)
    .split(/[\s,]+/)
    .filter((each) => each !== '')
}

/** Who comes in, seen from the ranges of providers. */
export type Lets =
  | { readonly who: 'anyone' }
  /** The edges of the provider only, whose customers are many. */
  | { readonly who: 'provider'; readonly provider: Provider }
  /** Its edges, and others: these ranges. */
  | { readonly who: 'wider'; readonly provider: Provider; readonly extra: readonly string[] }
  /** Certain addresses that are no provider's. */
  | { readonly who: 'others'; readonly cidrs: readonly string[] }
  | { readonly who: 'nobody' }
  | { readonly who: 'unknown'; readonly why: string }

export function letsIn({ cidrs, set, tag, unread }: Sources, ranges: Ranges): Lets {
  if (tag) return { who: 'provider', provider: tag }
  if (unread !== undefined) return { who: 'unknown', why: unread }
  if (noAddresses(set)) return { who: 'nobody' }
  if (isAnywhere(uniteAddresses(set, PRIVATE))) return { who: 'anyone' }
  const listed = [...ranges.values()].filter((each) => !noAddresses(each.set))
  const meant = listed.find((each) => overlap(each.set, set))
  if (!meant) return { who: 'others', cidrs }
  // Several providers may stand in one list: whoever is none of them is too many.
  const rest = listed.reduce((left, each) => subtractAddresses(left, each.set), set)
  if (noAddresses(rest)) return { who: 'provider', provider: meant.provider }
  return { who: 'wider', provider: meant.provider, extra: cidrs.filter((each) => isOutside(each, rest)) }
}

function isOutside(cidr: string, rest: AddressSet): boolean {
  return overlap(addressesOf([cidr]), rest)
}

/** What a list that means a provider lacks of the provider's ranges; undefined where it means none. */
export function missingOf(
  cidrs: readonly string[],
  ranges: Ranges,
): { readonly meant: ProviderRanges; readonly missing: readonly string[] } | undefined {
  const set = addressesOf(cidrs)
  if (isAnywhere(uniteAddresses(set, PRIVATE))) return undefined
  for (const meant of ranges.values()) {
    const all = meant.cidrs.map((cidr) => ({ cidr, own: addressesOf([cidr]) }))
    const held = all.filter(({ own }) => noAddresses(subtractAddresses(own, set)))
    // A list of few of them is somebody's choice; of most of them, a copy of a former day.
    if (held.length === 0 || held.length * 2 < all.length) continue
    const hasV6 = set.v6.length > 0
    const missing = all
      .filter((each) => !held.includes(each) && (hasV6 || !each.cidr.includes(':')))
      .map(({ cidr }) => cidr)
    return { meant, missing }
  }
  return undefined
}
