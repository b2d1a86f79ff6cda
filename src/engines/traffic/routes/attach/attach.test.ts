import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { app, routed, statesOf } from '../testing.ts'

const edge = (name: string, image: string, args = '', labels = ''): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec: {replicas: 1, strategy: {type: Recreate}, selector: {matchLabels: {app: ${name}}}, template: {metadata: {labels: {app: ${name}${labels}}}, spec: {containers: [{name: c, image: "${image}", args: [${args}]}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {type: LoadBalancer, externalTrafficPolicy: Local, selector: {app: ${name}}, ports: [{port: 80}]}
---`
const missing = (text: string): string =>
  routed(text)
    .routing.routes.flatMap(({ limits }) => limits.flatMap(({ unknown }) => unknown?.missing ?? []))
    .join()

describe('Traefik', () => {
  const route = (middleware: string): string => `
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: web, namespace: shop}
spec: {routes: [{match: "Host(\`a.example.com\`)", services: [{name: web, port: 80}], middlewares: [${middleware}]}]}
---`
  const rate = (namespace: string, source = ''): string => `
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: rl, namespace: ${namespace}}
spec: {rateLimit: {average: 10${source}}}
---`
  const states = (args: string, middleware: string, objects: string): readonly string[] =>
    statesOf(edge('traefik', 'traefik:v3.7.9', args) + route(middleware) + objects + app('web'))

  test('a Middleware that is not in the input may limit', () => {
    assert.deepEqual(states('', '{name: rl}', ''), ['requests unknown unread'])
    assert.equal(missing(edge('traefik', 'traefik:v3.7.9') + route('{name: rl}') + app('web')), 'Middleware shop/rl')
  })

  test('one of another namespace drops the route, unless Traefik is told otherwise', () => {
    const foreign = '{name: rl, namespace: other}'
    assert.deepEqual(states('', foreign, rate('other')), ['requests inert not-accepted'])
    const allowed = '--providers.kubernetescrd.allowCrossNamespace=true'
    assert.deepEqual(states(allowed, foreign, rate('other')), ['requests effective'])
  })

  test('an address of X-Forwarded-For that nobody is believed to write is the same for all', () => {
    const deep = rate('shop', ', sourceCriterion: {ipStrategy: {depth: 1}}')
    assert.deepEqual(states('', '{name: rl}', deep), ['requests bypassable R1'])
  })
})

describe('Envoy Gateway', () => {
  const gateway = (name: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: ${name}, namespace: shop}
spec: {gatewayClassName: eg, listeners: [{name: http, port: 80, protocol: HTTP}]}
---`
  const base = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: eg}
spec: {controllerName: gateway.envoyproxy.io/gatewayclass-controller}
---${gateway('one')}${edge('envoy', 'envoyproxy/envoy:v1.40.0', '', ', app.kubernetes.io/managed-by: envoy-gateway, gateway.envoyproxy.io/owning-gateway-name: one, gateway.envoyproxy.io/owning-gateway-namespace: shop')}`
  const route = (kind: string, parent: string): string => `
apiVersion: gateway.networking.k8s.io/${kind === 'TCPRoute' ? 'v1alpha2' : 'v1'}
kind: ${kind}
metadata: {name: web, namespace: shop}
spec: {parentRefs: [{name: ${parent}}], rules: [{backendRefs: [{name: web, port: 80}]}]}
---`
  const policy = (kind: string, rule = 'limit: {requests: 10, unit: Second}'): string => `
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: BackendTrafficPolicy
metadata: {name: p, namespace: shop}
spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: ${kind}, name: web}], rateLimit: {type: Local, local: {rules: [{${rule}}]}}}
---`
  const distinct =
    'clientSelectors: [{sourceCIDR: {type: Distinct, value: 0.0.0.0/0}}], limit: {requests: 10, unit: Second}'

  test('a Gateway is not served by what was deployed for another', () => {
    const text = base + gateway('two') + route('HTTPRoute', 'two') + policy('HTTPRoute', distinct) + app('web')
    assert.equal(routed(text).routing.routes[0]?.controller?.workload, undefined)
    assert.equal(statesOf(text)[0]?.split(' ')[1], 'unknown')
    const own = base + route('HTTPRoute', 'one') + policy('HTTPRoute', distinct) + app('web')
    assert.deepEqual(statesOf(own), ['requests effective'])
  })

  test('a BackendTrafficPolicy is for no Service', () => {
    const { routing } = routed(base + route('HTTPRoute', 'one') + policy('Service') + app('web'))
    assert.deepEqual(
      routing.unused.map(({ object }) => object.kind),
      ['BackendTrafficPolicy'],
    )
  })

  test('requests of a TCPRoute are not seen', () => {
    const tcp = base.replace('protocol: HTTP', 'protocol: TCP')
    const text = tcp + route('TCPRoute', 'one') + policy('TCPRoute') + app('web')
    assert.deepEqual(statesOf(text), ['requests inert unused-by-engine'])
  })

  test('what is counted only with a header is not counted without it', () => {
    const header = 'clientSelectors: [{headers: [{name: x-plan, value: free}]}], limit: {requests: 10, unit: Second}'
    const text = base + route('HTTPRoute', 'one') + policy('HTTPRoute', header) + app('web')
    assert.deepEqual(statesOf(text), ['requests bypassable R2'])
    const inverted = header.replace('value: free', 'value: paid, invert: true')
    assert.deepEqual(statesOf(text.replace(header, inverted)), ['requests effective'])
  })
})

test('GKE: a BackendConfig for another port is none of the route', () => {
  const text = (ports: string): string => `
apiVersion: cloud.google.com/v1
kind: BackendConfig
metadata: {name: bc, namespace: shop}
spec: {securityPolicy: {name: p}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop, annotations: {kubernetes.io/ingress.class: gce}}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
---${app('web').replace('namespace: shop}', `namespace: shop, annotations: {cloud.google.com/backend-config: '${ports}'}}`)}`
  assert.deepEqual(statesOf(text('{"ports": {"80": "bc"}}')), ['requests unknown unread'])
  assert.deepEqual(statesOf(text('{"ports": {"http": "bc"}}')), ['requests unknown unread'])
  assert.deepEqual(statesOf(text('{"ports": {"443": "bc"}}')), [])
  assert.equal(missing(text('{"default": "gone"}')), 'BackendConfig shop/gone')
})

test('Linkerd: without a proxy in the pods nothing is counted', () => {
  const text = (annotations: string): string => `
apiVersion: v1
kind: Namespace
metadata: {name: shop, annotations: {${annotations}}}
---
apiVersion: policy.linkerd.io/v1beta3
kind: Server
metadata: {name: web, namespace: shop}
spec: {podSelector: {matchLabels: {app: web}}, port: 80}
---
apiVersion: policy.linkerd.io/v1alpha1
kind: HTTPLocalRateLimitPolicy
metadata: {name: rl, namespace: shop}
spec: {targetRef: {group: policy.linkerd.io, kind: Server, name: web}, total: {requestsPerSecond: 100}}
---${app('web', 'shop', 'type: LoadBalancer')}`
  assert.equal(statesOf(text('linkerd.io/inject: enabled'))[0]?.split(' ')[1], 'effective')
  assert.deepEqual(statesOf(text('')), ['requests unknown unread'])
})
