import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAnywhere } from '../../../cluster/addresses.ts'
import { buildCluster } from '../../../cluster/cluster.ts'
import { clusterOf } from '../../../cluster/testing.ts'
import type { Controller } from '../controllers/controller.ts'
import type { Product } from '../dialects/dialect.ts'
import { trustOf } from './trust.ts'

const NOTHING = buildCluster({ objects: [] })

function controller(
  product: Product,
  values: Record<string, string>,
  flags: Record<string, string> = {},
  seen = true,
): Controller {
  const said = (all: Record<string, string>) =>
    new Map(Object.entries(all).map(([key, value]) => [key, { value, because: { text: `${key}: ${value}` } }]))
  return {
    product,
    workload: undefined,
    services: [],
    settings: { values: said(values), flags: said(flags), seen },
    settingsObject: undefined,
    classes: [],
    replicas: { now: 1, most: 1, because: [] },
    because: [],
  }
}

/** `header x-forwarded-for from all`, `peer`, … */
function told(
  product: Product,
  values: Record<string, string>,
  flags: Record<string, string> = {},
  seen = true,
): string {
  const trust = trustOf(controller(product, values, flags, seen), NOTHING, [])
  if (trust.by !== 'header') return trust.by
  const from = isAnywhere(trust.from) ? 'all' : 'some'
  return `header ${trust.header} from ${from}${trust.hops === undefined ? '' : ` ${trust.hops} hops`}`
}

test('whom each product believes about the address of a client', () => {
  for (const [product, values, flags, expected] of [
    ['ingress-nginx', {}, {}, 'peer'],
    ['ingress-nginx', { 'use-forwarded-headers': 'true' }, {}, 'header x-forwarded-for from all'],
    [
      'ingress-nginx',
      { 'enable-real-ip': 'true', 'proxy-real-ip-cidr': '10.0.0.0/8' },
      {},
      'header x-forwarded-for from some',
    ],
    ['ingress-nginx', { 'use-proxy-protocol': 'true', 'use-forwarded-headers': 'true' }, {}, 'proxy-protocol'],
    ['f5-nginx', { 'real-ip-header': 'X-Forwarded-For' }, {}, 'peer'],
    ['f5-nginx', { 'set-real-ip-from': '0.0.0.0/0,::/0' }, {}, 'header x-real-ip from all'],
    ['ingress-nginx', { 'use-proxy-protocol': '1' }, {}, 'proxy-protocol'],
    ['ingress-nginx', { 'use-forwarded-headers': 'True' }, {}, 'header x-forwarded-for from all'],
    // Limits count the peer until set-real-ip-from says whom to believe.
    ['f5-nginx', { 'proxy-protocol': 'True', 'real-ip-header': 'proxy_protocol' }, {}, 'peer'],
    ['f5-nginx', { 'set-real-ip-from': '10.0.0.0/8', 'real-ip-header': 'proxy_protocol' }, {}, 'proxy-protocol'],
    ['istio', { 'defaultConfig.gatewayTopology.proxyProtocol': '{}' }, {}, 'proxy-protocol'],
    ['haproxy', { 'src-ip-header': 'True-Client-IP' }, {}, 'header true-client-ip from all'],
    ['haproxy-ingress', { 'use-proxy-protocol': 'true' }, {}, 'proxy-protocol'],
    ['traefik', {}, { 'entryPoints.web.forwardedHeaders.insecure': 'true' }, 'header x-forwarded-for from all'],
    [
      'traefik',
      {},
      { 'entrypoints.web.forwardedheaders.trustedips': '10.0.0.0/8' },
      'header x-forwarded-for from some',
    ],
    ['traefik', {}, { 'entryPoints.web.proxyProtocol.trustedIPs': '10.0.0.0/8' }, 'proxy-protocol'],
    ['traefik', {}, { 'entryPoints.web.forwardedHeaders.insecure': 'false' }, 'peer'],
    [
      'kong',
      { trusted_ips: '0.0.0.0/0,::/0', real_ip_header: 'X-Forwarded-For' },
      {},
      'header x-forwarded-for from all',
    ],
    ['kong', { real_ip_header: 'X-Forwarded-For' }, {}, 'peer'],
    ['contour', { 'network.num-trusted-hops': '1' }, {}, 'header x-forwarded-for from all 1 hops'],
    ['istio', { 'defaultConfig.gatewayTopology.numTrustedProxies': '2' }, {}, 'header x-forwarded-for from all 2 hops'],
    ['istio', { 'defaultConfig.gatewayTopology.numTrustedProxies': '0' }, {}, 'peer'],
    ['cilium', { 'proxy-xff-num-trusted-hops-ingress': '1' }, {}, 'header x-forwarded-for from all 1 hops'],
    [
      'nginx-gateway-fabric',
      { 'rewriteClientIP.mode': 'XForwardedFor', 'rewriteClientIP.trustedAddresses.0.value': '10.0.0.0/8' },
      {},
      'header x-forwarded-for from some',
    ],
    ['openshift', { use_proxy_protocol: 'true' }, {}, 'proxy-protocol'],
    ['gke', {}, {}, 'outside'],
  ] as const)
    assert.equal(told(product, values, flags), expected, `${product} ${JSON.stringify(values)}`)
})

test('of a controller whose settings were not seen nobody knows', () => {
  assert.equal(told('ingress-nginx', {}, {}, false), 'unknown')
})

test('Envoy Gateway believes what the ClientTrafficPolicy of the Gateway says', () => {
  const cluster = clusterOf(`
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: g, namespace: a}
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: ClientTrafficPolicy
metadata: {name: c, namespace: a}
spec: {targetRefs: [{kind: Gateway, name: g}], clientIPDetection: {xForwardedFor: {numTrustedHops: 2}}}`)
  const parents = cluster.ofKind('Gateway', 'gateway.networking.k8s.io')
  const trust = trustOf(controller('envoy-gateway', {}), cluster, parents)
  assert.deepEqual([trust.by, trust.by === 'header' && trust.hops], ['header', 2])
  assert.equal(trustOf(controller('envoy-gateway', {}), cluster, []).by, 'peer')
})

test('a ClientTrafficPolicy that is not accepted says nothing', () => {
  const cluster = clusterOf(`
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: g, namespace: a}
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: ClientTrafficPolicy
metadata: {name: c, namespace: a}
spec: {targetRefs: [{kind: Gateway, name: g}], clientIPDetection: {xForwardedFor: {numTrustedHops: 2}}}
status: {ancestors: [{conditions: [{type: Accepted, status: "False", reason: Conflicted}]}]}`)
  const parents = cluster.ofKind('Gateway', 'gateway.networking.k8s.io')
  assert.equal(trustOf(controller('envoy-gateway', {}), cluster, parents).by, 'peer')
})
