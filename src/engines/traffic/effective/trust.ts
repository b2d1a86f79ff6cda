import { type AddressSet, ALL_ADDRESSES, addressesOf } from '../../../cluster/addresses.ts'
import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, boolean, field, list, number, string, strings } from '../../../cluster/json.ts'
import { annotationsOf, type KubeObject } from '../../../cluster/object.ts'
import type { Controller } from '../controllers/controller.ts'
import { parseBool } from '../dialects/annotations.ts'
import type { Settings } from '../dialects/dialect.ts'
import { rejection } from '../routes/attach/policies.ts'

/** Whom a controller believes about the address of a client. */
export type Trust =
  | { readonly by: 'peer' | 'outside'; readonly because: readonly Because[] }
  | {
      readonly by: 'proxy-protocol'
      /** The peers that are believed; undefined: all. */
      readonly from?: AddressSet
      readonly because: readonly Because[]
    }
  | {
      readonly by: 'header'
      /** In small letters. */
      readonly header: string
      /** The peers whose header it believes. */
      readonly from: AddressSet
      /** So many addresses at the end of the header are skipped; undefined: all that are in `from`. */
      readonly hops?: number
      readonly because: readonly Because[]
    }
  | { readonly by: 'unknown'; readonly missing: string; readonly because: readonly Because[] }

/** Whom the controller of a route believes; `parents`: the Gateways that the route hangs on; `object`: the route’s own. */
export function trustOf(
  controller: Controller,
  cluster: Cluster,
  parents: readonly KubeObject[],
  object?: KubeObject,
): Trust {
  const { product, settings } = controller
  switch (product) {
    case 'ingress-nginx':
      return seen(settings, ingressNginx(settings))
    case 'f5-nginx':
      return seen(settings, f5(settings))
    case 'haproxy':
      return seen(settings, haproxy(settings, object))
    case 'haproxy-ingress':
      return seen(settings, isTrue(settings, 'use-proxy-protocol') ?? PEER)
    case 'traefik':
      return seen(settings, traefik(settings))
    case 'kong':
      return seen(settings, kong(settings))
    case 'contour':
      return seen(settings, hops(settings, 'network.num-trusted-hops', 'envoy.network.numTrustedHops') ?? PEER)
    case 'istio':
      return seen(settings, istio(settings))
    case 'cilium':
      return seen(settings, hops(settings, 'proxy-xff-num-trusted-hops-ingress') ?? PEER)
    case 'nginx-gateway-fabric':
      return seen(settings, gatewayFabric(settings))
    case 'openshift':
      return seen(settings, isTrue(settings, 'use_proxy_protocol') ?? PEER)
    case 'envoy-gateway':
      return envoyGateway(cluster, parents)
    case 'gke':
    case 'aws-alb':
    case 'azure':
    case 'linkerd':
      return { by: 'outside', because: [] }
    case 'kgateway':
      return PEER
    default:
      return product satisfies never
  }
}

const PEER: Trust = { by: 'peer', because: [] }

/** Defaults of a controller whose settings were not seen are a guess. */
function seen(settings: Settings, trust: Trust): Trust {
  if (settings.seen || trust.because.length > 0) return trust
  return { by: 'unknown', missing: 'the controller and its ConfigMap', because: [] }
}

function value(
  settings: Settings,
  ...keys: readonly string[]
): { readonly value: string; readonly because: Because } | undefined {
  for (const key of keys) {
    const found = settings.values.get(key) ?? settings.flags.get(key)
    if (found) return found
  }
  return undefined
}

function isTrue(settings: Settings, key: string): Extract<Trust, { by: 'proxy-protocol' }> | undefined {
  const said = value(settings, key)
  return said && parseBool(said.value.trim()) === true ? { by: 'proxy-protocol', because: [said.because] } : undefined
}

function rangesOf(text: string | undefined): AddressSet {
  return addressesOf(
    (text ?? '')
      .slice(0, 100_000)
      .split(/[\s,]+/)
      .filter((each) => each !== ''),
  )
}

/** rootfs/etc/nginx/template/nginx.tmpl: the PROXY protocol comes first, then the header; both believe proxy-real-ip-cidr. */
function ingressNginx(settings: Settings): Trust {
  const cidrs = value(settings, 'proxy-real-ip-cidr')
  const byProtocol = isTrue(settings, 'use-proxy-protocol')
  if (byProtocol)
    return cidrs
      ? { by: 'proxy-protocol', from: rangesOf(cidrs.value), because: [...byProtocol.because, cidrs.because] }
      : byProtocol
  const on = ['use-forwarded-headers', 'enable-real-ip']
    .map((key) => value(settings, key))
    .find((said) => said !== undefined && parseBool(said.value.trim()) === true)
  if (!on) return PEER
  return {
    by: 'header',
    header: (value(settings, 'forwarded-for-header')?.value ?? 'X-Forwarded-For').toLowerCase(),
    from: cidrs ? rangesOf(cidrs.value) : ALL_ADDRESSES,
    because: [
      on.because,
      cidrs?.because ??
        because(
          'proxy-real-ip-cidr is 0.0.0.0/0 by default: whoever connects is believed',
          on.because.object,
          on.because.path,
        ),
    ],
  }
}

/** The module believes nobody until set-real-ip-from says whom. */
function f5(settings: Settings): Trust {
  const from = value(settings, 'set-real-ip-from')
  const header = value(settings, 'real-ip-header')
  // proxy-protocol alone only reads the address off the connection: limits go on counting the peer.
  if (!from) return PEER
  if (header?.value === 'proxy_protocol')
    return { by: 'proxy-protocol', from: rangesOf(from.value), because: [header.because, from.because] }
  return {
    by: 'header',
    header: (header?.value ?? 'X-Real-IP').toLowerCase(),
    from: rangesOf(from.value),
    because: [from.because, ...(header ? [header.because] : [])],
  }
}

const SOURCE = 'haproxy.org/src-ip-header'

function haproxy(settings: Settings, object: KubeObject | undefined): Trust {
  const own = object && annotationsOf(object.body).get(SOURCE)
  const header =
    own === undefined || own === ''
      ? value(settings, 'src-ip-header')
      : { value: own, because: because(`${SOURCE}: ${own.slice(0, 60)}`, object, ['metadata', 'annotations', SOURCE]) }
  if (header)
    return { by: 'header', header: header.value.toLowerCase(), from: ALL_ADDRESSES, because: [header.because] }
  const protocol = value(settings, 'proxy-protocol')
  return protocol ? { by: 'proxy-protocol', because: [protocol.because] } : PEER
}

/** Headers of peers that no entry point trusts are taken away. The names of flags mean the same in any letters. */
function traefik(settings: Settings): Trust {
  const all = [...settings.values, ...settings.flags].map(([key, said]) => [key.toLowerCase(), said] as const)
  const find = (end: string): { readonly value: string; readonly because: Because } | undefined =>
    all.find(([key]) => key.startsWith('entrypoints') && key.replaceAll('_', '.').endsWith(end))?.[1]
  const protocol = find('proxyprotocol.trustedips') ?? find('proxyprotocol.insecure')
  const insecure = find('forwardedheaders.insecure')
  const trusted = find('forwardedheaders.trustedips')
  if (insecure && insecure.value !== 'false')
    return { by: 'header', header: 'x-forwarded-for', from: ALL_ADDRESSES, because: [insecure.because] }
  if (trusted)
    return { by: 'header', header: 'x-forwarded-for', from: rangesOf(trusted.value), because: [trusted.because] }
  if (protocol) return { by: 'proxy-protocol', because: [protocol.because] }
  return PEER
}

function kong(settings: Settings): Trust {
  const trusted = value(settings, 'trusted_ips')
  const header = value(settings, 'real_ip_header')
  if (!trusted) return PEER
  if (header?.value === 'proxy_protocol') return { by: 'proxy-protocol', because: [header.because] }
  return {
    by: 'header',
    header: (header?.value ?? 'X-Real-IP').toLowerCase(),
    from: rangesOf(trusted.value),
    because: [trusted.because, ...(header ? [header.because] : [])],
  }
}

function istio(settings: Settings): Trust {
  const byHops = hops(settings, 'defaultConfig.gatewayTopology.numTrustedProxies')
  const protocol = value(settings, 'defaultConfig.gatewayTopology.proxyProtocol')
  return byHops ?? (protocol ? { by: 'proxy-protocol', because: [protocol.because] } : PEER)
}

function hops(settings: Settings, ...keys: readonly string[]): Trust | undefined {
  const said = value(settings, ...keys)
  const count = Number(said?.value ?? 0)
  if (!said || !(count > 0)) return undefined
  return { by: 'header', header: 'x-forwarded-for', from: ALL_ADDRESSES, hops: count, because: [said.because] }
}

function gatewayFabric(settings: Settings): Trust {
  const mode = value(settings, 'rewriteClientIP.mode')
  if (mode?.value === 'ProxyProtocol') return { by: 'proxy-protocol', because: [mode.because] }
  if (mode?.value !== 'XForwardedFor') return PEER
  const trusted = [...settings.values].filter(([key]) => /^rewriteClientIP\.trustedAddresses\..*value$/.test(key))
  return {
    by: 'header',
    header: 'x-forwarded-for',
    from: addressesOf(trusted.map(([, said]) => said.value)),
    because: [mode.because, ...trusted.map(([, said]) => said.because)],
  }
}

/** `clientIPDetection` of the ClientTrafficPolicy for a Gateway. */
function envoyGateway(cluster: Cluster, parents: readonly KubeObject[]): Trust {
  for (const policy of cluster.ofKind('ClientTrafficPolicy', 'gateway.envoyproxy.io')) {
    const targets = [at(policy.body, 'spec', 'targetRef'), ...list(at(policy.body, 'spec', 'targetRefs'))]
    const isMeant = parents.some(
      ({ namespace, name }) =>
        namespace === policy.namespace && targets.some((each) => string(field(each, 'name')) === name),
    )
    if (!isMeant || rejection(policy)) continue
    const detection = at(policy.body, 'spec', 'clientIPDetection')
    const path = ['spec', 'clientIPDetection']
    const reason = (text: string): readonly Because[] => [because(text, policy, path)]
    const header = string(at(detection, 'customHeader', 'name'))
    if (header !== undefined)
      return {
        by: 'header',
        header: header.toLowerCase(),
        from: ALL_ADDRESSES,
        because: reason(`takes clients from ${header}`),
      }
    const trusted = strings(at(detection, 'xForwardedFor', 'trustedCIDRs'))
    if (trusted.length > 0)
      return {
        by: 'header',
        header: 'x-forwarded-for',
        from: addressesOf(trusted),
        because: reason('believes certain networks'),
      }
    const count = number(at(detection, 'xForwardedFor', 'numTrustedHops')) ?? 0
    if (count > 0)
      return {
        by: 'header',
        header: 'x-forwarded-for',
        from: ALL_ADDRESSES,
        hops: count,
        because: reason(`skips ${count} proxies`),
      }
    if (
      boolean(at(policy.body, 'spec', 'enableProxyProtocol')) ||
      at(policy.body, 'spec', 'proxyProtocol') !== undefined
    )
      return { by: 'proxy-protocol', because: [because('takes the PROXY protocol', policy, ['spec'])] }
  }
  return PEER
}
