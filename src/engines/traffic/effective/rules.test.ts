import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { app, ingress, ingressNginx, routed, statesOf } from '../routes/testing.ts'

const RPS = 'nginx.ingress.kubernetes.io/limit-rps: "10"'
const CLOUDFLARE = '173.245.48.0/20, 103.21.244.0/22'
const states = (edge: string, annotations = RPS): readonly string[] =>
  statesOf(edge + ingress(annotations) + app('web'))

describe('R1, the client’s address is lost', () => {
  test('where nodes put theirs in its place', () => {
    assert.deepEqual(states(ingressNginx('', 'externalTrafficPolicy: Cluster')), ['requests bypassable R1'])
    assert.deepEqual(states(ingressNginx('', 'sessionAffinity: None')), ['requests bypassable R1'])
    assert.deepEqual(states(ingressNginx()), ['requests effective'])
  })

  test('where the load balancer is a proxy, unless both sides speak the PROXY protocol', () => {
    const proxy = 'service.beta.kubernetes.io/do-loadbalancer-name: x'
    const told = 'service.beta.kubernetes.io/do-loadbalancer-enable-proxy-protocol: "true"'
    const local = 'externalTrafficPolicy: Local'
    assert.deepEqual(states(ingressNginx('', local, proxy)), ['requests bypassable R1'])
    assert.deepEqual(states(ingressNginx('', local, told)), ['requests bypassable R1'])
    assert.deepEqual(states(ingressNginx('use-proxy-protocol: "true"', local, told)), ['requests effective'])
    assert.deepEqual(states(ingressNginx('use-proxy-protocol: "true"', local, proxy)), ['requests unknown R1'])
  })

  test('where the header of nodes is not believed', () => {
    const trusted = `use-forwarded-headers: "true", proxy-real-ip-cidr: "${CLOUDFLARE}"`
    assert.deepEqual(states(ingressNginx(trusted, 'externalTrafficPolicy: Cluster')), ['requests bypassable R1'])
  })

  test('of a network load balancer of AWS by its targets', () => {
    const key = 'service.beta.kubernetes.io/aws-load-balancer'
    const internet = `${key}-scheme: internet-facing`
    const toPods = `${key}-type: external, ${key}-nlb-target-type: ip, ${internet}`
    assert.deepEqual(states(ingressNginx('', 'externalTrafficPolicy: Local', `${key}-type: nlb`)), [
      'requests effective',
    ])
    assert.deepEqual(states(ingressNginx('', 'externalTrafficPolicy: Local', toPods)), ['requests bypassable R1'])
    const kept = `${toPods}, ${key}-target-group-attributes: preserve_client_ip.enabled=true`
    assert.deepEqual(states(ingressNginx('', 'externalTrafficPolicy: Cluster', kept)), ['requests effective'])
    const classic = `${key}-connection-idle-timeout: "60"`
    assert.deepEqual(states(ingressNginx('', 'externalTrafficPolicy: Local', classic)), ['requests bypassable R1'])
  })

  test('is unknown where the controller, or what leads to it, is not in the input', () => {
    const [unseen] = routed(ingress(RPS) + app('web')).routing.routes
    assert.equal(unseen?.limits[0]?.state, 'unknown')
    assert.match(unseen?.limits[0]?.unknown?.missing ?? '', /ingress-nginx/)
    const noService = ingressNginx().replace('type: LoadBalancer', 'type: ClusterIP')
    assert.deepEqual(states(noService), ['requests unknown R1'])
  })

  test('says nothing of a limit that all clients share', () => {
    const global = `${RPS}, nginx.ingress.kubernetes.io/limit-connections: "5"`
    assert.deepEqual(
      statesOf(
        ingressNginx('limit-conn-zone-variable: $server_name', 'externalTrafficPolicy: Cluster') +
          ingress(global) +
          app('web'),
      ).filter((each) => each.includes('R1')),
      [],
    )
  })
})

describe('R2, clients choose their address', () => {
  test('where whoever connects is believed, which is the default of real IP', () => {
    assert.deepEqual(states(ingressNginx('use-forwarded-headers: "true"')), ['requests bypassable R2'])
    assert.deepEqual(states(ingressNginx('enable-real-ip: "true"')), ['requests bypassable R2'])
    assert.deepEqual(states(ingressNginx('use-forwarded-headers: "true", proxy-real-ip-cidr: "0.0.0.0/0,::/0"')), [
      'requests bypassable R2',
    ])
  })

  test('where nodes are believed and stand in the place of clients', () => {
    const nodes = 'use-forwarded-headers: "true", proxy-real-ip-cidr: 10.0.0.0/8'
    assert.deepEqual(states(ingressNginx(nodes, 'externalTrafficPolicy: Cluster')), ['requests bypassable R2'])
    assert.deepEqual(states(ingressNginx(nodes)), ['requests effective'])
  })

  test('not where only the edges of the CDN are believed, which are those that come in', () => {
    const closed = `externalTrafficPolicy: Local, loadBalancerSourceRanges: [${CLOUDFLARE}]`
    const trusted = `use-forwarded-headers: "true", proxy-real-ip-cidr: "${CLOUDFLARE}"`
    assert.deepEqual(states(ingressNginx(trusted, closed)), ['requests effective'])
    // Everybody behind them is believed as well: what a client writes before the edge counts.
    assert.deepEqual(states(ingressNginx('use-forwarded-headers: "true"', closed)), ['requests bypassable R2'])
  })

  test('a header that the CDN overwrites is true where nobody comes around it', () => {
    const header = 'use-forwarded-headers: "true", forwarded-for-header: CF-Connecting-IP'
    const closed = `externalTrafficPolicy: Local, loadBalancerSourceRanges: [${CLOUDFLARE}]`
    assert.deepEqual(states(ingressNginx(header, closed)), ['requests effective'])
    assert.deepEqual(states(ingressNginx(header)), ['requests bypassable R2'])
    // Who comes around it is not believed.
    assert.deepEqual(states(ingressNginx(`${header}, proxy-real-ip-cidr: "${CLOUDFLARE}"`)), ['requests effective'])
  })
})

test('R3: a CDN stands in front and its edges are counted', () => {
  const closed = `externalTrafficPolicy: Local, loadBalancerSourceRanges: [${CLOUDFLARE}]`
  assert.deepEqual(states(ingressNginx('', closed)), ['requests bypassable R3'])
  const proxied = `${RPS}, external-dns.alpha.kubernetes.io/cloudflare-proxied: "true"`
  // Whether external-dns runs and obeys this annotation is not in the input.
  assert.deepEqual(states(ingressNginx(), proxied), ['requests unknown R3'])
})

test('R3: an allow list of the edges alone says that they are all that connects', () => {
  const list = `${RPS}, nginx.ingress.kubernetes.io/whitelist-source-range: "${CLOUDFLARE}"`
  assert.deepEqual(states(ingressNginx(), list), ['requests bypassable R3'])
})

test('R1 is about ways by which requests of outsiders come', () => {
  const second = (name: string, type: string, port: string, annotations = ''): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: edge, annotations: {${annotations}}}
spec: {type: ${type}, selector: {app: edge}, ports: [{name: ${port}, port: 8080}]}
---`
  assert.deepEqual(states(ingressNginx() + second('b', 'NodePort', 'http')), ['requests bypassable R1'])
  assert.deepEqual(states(ingressNginx() + second('b', 'NodePort', 'metrics')), ['requests effective'])
  const internal = 'service.beta.kubernetes.io/azure-load-balancer-internal: "true"'
  assert.deepEqual(states(ingressNginx() + second('b', 'LoadBalancer', 'http', internal)), ['requests effective'])
})

test('R4: an allow list of the edges after real IP refuses every user', () => {
  const list = `${RPS}, nginx.ingress.kubernetes.io/whitelist-source-range: "${CLOUDFLARE}"`
  const trusted = `use-forwarded-headers: "true", proxy-real-ip-cidr: "${CLOUDFLARE}"`
  const closed = `externalTrafficPolicy: Local, loadBalancerSourceRanges: [${CLOUDFLARE}]`
  assert.deepEqual(states(ingressNginx(trusted, closed), list), ['requests inert R4'])
  assert.deepEqual(states(ingressNginx('', closed), list), ['requests bypassable R3'])
})

test('R5: replicas multiply, from as many as there are to as many as there may be', () => {
  const grown = `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: h, namespace: edge}
spec: {minReplicas: 2, maxReplicas: 8, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: controller}}
---`
  const [route] = routed(ingressNginx() + grown + ingress(RPS) + app('web')).routing.routes
  const limit = route?.limits.find((each) => each.limit.kind === 'requests')
  assert.deepEqual(limit?.total, { least: 20, most: 80 })
  assert.equal(limit?.rule, 'R5')
})

test('R6: 503 is told, and 429 is not', () => {
  const because = (settings: string): string =>
    routed(ingressNginx(settings) + ingress(RPS) + app('web'))
      .routing.routes.flatMap(({ limits }) =>
        limits.filter(({ limit }) => limit.kind === 'requests').flatMap((each) => each.because),
      )
      .map(({ text }) => text)
      .join()
  assert.match(because(''), /answers 503/)
  assert.doesNotMatch(because('limit-req-status-code: "429"'), /answers 503/)
})

test('R7: more than the workload was measured to hold', () => {
  const text = ingressNginx() + ingress(RPS) + app('web')
  const at = (high: number): readonly string[] =>
    statesOf(text, { capacities: [{ url: 'https://shop.example.com/', low: high * 0.9, high }] })
  // Two replicas let one client send twenty.
  assert.deepEqual(at(15), ['requests bypassable R7'])
  assert.deepEqual(at(25), ['requests effective'])
  assert.deepEqual(at(Number.POSITIVE_INFINITY), ['requests effective'])
})

describe('a second door', () => {
  const edge = ingressNginx()
  test('is another host, or a port of nodes, that leads to the workload without a limit', () => {
    const other = ingress('', 'other', 'other.example.com')
    assert.deepEqual(statesOf(edge + ingress(RPS) + other + app('web')), ['requests bypassable second-door'])
    assert.deepEqual(statesOf(edge + ingress(RPS) + app('web', 'shop', 'type: NodePort')), [
      'requests bypassable second-door',
    ])
    assert.deepEqual(statesOf(edge + ingress(RPS) + app('web', 'shop', 'type: LoadBalancer')), [
      'requests bypassable second-door',
    ])
  })

  test('is not one with a limit, nor another path, nor a shorter path of the same host', () => {
    const limited = ingress(RPS, 'other', 'other.example.com')
    assert.deepEqual(statesOf(edge + ingress(RPS) + limited + app('web')), ['requests effective', 'requests effective'])
    const path = ingress('', 'other', 'other.example.com', '/static')
    assert.deepEqual(statesOf(edge + ingress(RPS, 'web', 'shop.example.com', '/api') + path + app('web')), [
      'requests effective',
    ])
    const shorter = ingress('', 'other', 'shop.example.com', '/')
    assert.deepEqual(statesOf(edge + ingress(RPS, 'web', 'shop.example.com', '/login') + shorter + app('web')), [
      'requests effective',
    ])
  })
})

test('a redirect is answered before anything is counted', () => {
  const redirect = `${RPS}, nginx.ingress.kubernetes.io/permanent-redirect: https://example.com`
  assert.deepEqual(states(ingressNginx(), redirect), ['requests inert rewrite-phase'])
})
