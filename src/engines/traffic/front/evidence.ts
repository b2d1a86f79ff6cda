import { addressesOf, addressSet, noAddresses } from '../../../cluster/addresses.ts'
import type { Because } from '../../../cluster/because.ts'
import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, list, string } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Controller } from '../controllers/controller.ts'
import type { Route } from '../routes/route.ts'
import { attachedTo } from './attached.ts'
import { gatewaysOf } from './client-certificates.ts'
import { proxiedOf, targetsOf } from './external-dns.ts'
import { type Provider, providerOfHeader, providerOfHost } from './provider.ts'
import { providerOf, type Ranges } from './ranges.ts'
import { letsIn, sourcesOf } from './sources.ts'

/** One sign that a third party stands in front, and who. */
export interface Evidence {
  readonly provider: Provider
  readonly by: 'dns' | 'tunnel' | 'source-ranges' | 'real-ip' | 'annotation' | 'published-address'
  readonly truth: 'yes' | 'unknown'
  readonly because: readonly Because[]
}

/** What of a route is looked at. */
export type Published = Pick<Route, 'object' | 'controller' | 'target'>

/** All signs on a route, its controller and the Services that lead there. */
export function evidenceOf(route: Published, cluster: Cluster, ranges: Ranges): readonly Evidence[] {
  const { object, controller } = route
  const gateways = gatewaysOf(object, cluster)
  const services = controller?.services ?? []
  const isUnproxied = proxiedOf(object, cluster).answer === 'no'
  const fronts = [object, ...gateways, ...services]
  return [
    ...dnsOf(object, cluster),
    ...fronts.flatMap((each) => targetsOf(each).flatMap(({ host, because: why }) => byHost(host, why, 'dns'))),
    ...fronts.flatMap((each) => publishedOf(each, ranges)),
    ...[object, ...services].flatMap((each) => bySources(each, cluster, ranges)),
    // A controller that believes Cloudflare may still serve names that lead to itself.
    ...(controller ? realIpOf(controller, ranges) : []).filter(
      ({ provider }) => !isUnproxied || provider !== 'cloudflare',
    ),
    ...gateways.flatMap((gateway) => clientHeaderOf(gateway, cluster)),
    ...attachedTo(route, cluster),
  ]
}

function dnsOf(object: KubeObject, cluster: Cluster): readonly Evidence[] {
  const { answer, because: why } = proxiedOf(object, cluster)
  if (answer === undefined || answer === 'no') return []
  return [{ provider: 'cloudflare', by: 'dns', truth: answer, because: why }]
}

function byHost(host: string, why: Because, by: Evidence['by']): readonly Evidence[] {
  const provider = providerOfHost(host)
  if (!provider) return []
  return [
    { provider, by: host.toLowerCase().endsWith('.cfargotunnel.com') ? 'tunnel' : by, truth: 'yes', because: [why] },
  ]
}

/** An address or name in the status that is a provider's edge: the route is published by way of it. */
function publishedOf(object: KubeObject, ranges: Ranges): readonly Evidence[] {
  const published = [
    ...list(at(object.body, 'status', 'loadBalancer', 'ingress')),
    ...list(at(object.body, 'status', 'addresses')),
  ]
  return published.flatMap((each) => {
    const name = string(field(each, 'hostname')) ?? string(field(each, 'value')) ?? ''
    const ip = string(field(each, 'ip')) ?? name
    const path = ['status']
    const set = addressSet(ip)
    const provider = set ? providerOf(set, ranges)?.provider : undefined
    if (provider)
      return [
        {
          provider,
          by: 'published-address' as const,
          truth: 'yes' as const,
          because: [because(`is published at ${ip}`, object, path)],
        },
      ]
    return set ? [] : byHost(name, because(`is published at ${name}`, object, path), 'published-address')
  })
}

function bySources(object: KubeObject, cluster: Cluster, ranges: Ranges): readonly Evidence[] {
  const sources = sourcesOf(object, cluster)
  const lets = letsIn(sources, ranges)
  if (lets.who !== 'provider' && lets.who !== 'wider') return []
  return [{ provider: lets.provider, by: 'source-ranges', truth: 'yes', because: sources.because }]
}

/** Keys of settings that say whom to believe about the client's address, in whatever product's words. */
const TRUST = /real-?ip|trusted|forwarded|client-?ip|xff/i
const HEADER = /header/i

const MOST_TEXT = 100_000

const done = new WeakMap<Controller, { readonly ranges: Ranges; readonly found: readonly Evidence[] }>()

/** Real-IP settings that name a provider's header, or its ranges. */
export function realIpOf(controller: Controller, ranges: Ranges): readonly Evidence[] {
  const known = done.get(controller)
  if (known?.ranges === ranges) return known.found
  const found = believed(controller, ranges)
  done.set(controller, { ranges, found })
  return found
}

function believed({ settings }: Controller, ranges: Ranges): readonly Evidence[] {
  const found: Evidence[] = []
  for (const [key, said] of [...settings.values, ...settings.flags]) {
    if (!TRUST.test(key) && !HEADER.test(key)) continue
    const words = said.value
      .slice(0, MOST_TEXT)
      .split(/[\s,;[\]"']+/)
      .filter((word) => word !== '')
    const provider =
      words.map((word) => providerOfHeader(word)).find((each) => each !== undefined) ?? trusted(words, ranges)
    if (provider) found.push({ provider, by: 'real-ip', truth: 'yes', because: [said.because] })
  }
  return found
}

/** The provider among whose ranges one of the words lies; private networks beside them are load balancers of one's own. */
function trusted(words: readonly string[], ranges: Ranges): Provider | undefined {
  for (const word of words) {
    const set = addressSet(word)
    const provider = set && !noAddresses(set) ? providerOf(addressesOf([word]), ranges) : undefined
    if (provider) return provider.provider
  }
  return undefined
}

/** Envoy Gateway: `clientIPDetection.customHeader` of the policies for a Gateway. */
function clientHeaderOf(gateway: KubeObject, cluster: Cluster): readonly Evidence[] {
  return cluster.ofKind('ClientTrafficPolicy', 'gateway.envoyproxy.io').flatMap((policy) => {
    const references = [at(policy.body, 'spec', 'targetRef'), ...list(at(policy.body, 'spec', 'targetRefs'))]
    if (policy.namespace !== gateway.namespace) return []
    if (!references.some((each) => string(field(each, 'name')) === gateway.name)) return []
    const path = ['spec', 'clientIPDetection', 'customHeader', 'name']
    const header = string(at(policy.body, ...path)) ?? ''
    const provider = providerOfHeader(header)
    return provider
      ? [{ provider, by: 'real-ip', truth: 'yes', because: [because(`takes clients from ${header}`, policy, path)] }]
      : []
  })
}
