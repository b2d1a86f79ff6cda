import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { app, ingress, ingressNginx, routed, statesOf } from './testing.ts'

const lines = (text: string): readonly string[] =>
  routed(text).routing.routes.map(
    ({ id, target, exposed, controller }) =>
      `${id} -> ${target.workloads.map((each) => each.split('/')[2]).join()} ${exposed} ${controller?.product ?? '-'}`,
  )

describe('routes of', () => {
  test('Ingress: each path, and the default backend', () => {
    const text = `${ingress('')}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: all, namespace: shop}
spec: {ingressClassName: nginx, defaultBackend: {service: {name: web, port: {name: http}}}}
---`
    assert.deepEqual(lines(text + app('web')), [
      'Ingress/shop/all -> web yes ingress-nginx',
      'Ingress/shop/web shop.example.com/ -> web yes ingress-nginx',
    ])
  })

  test('an Ingress whose class is internal are none, and are told as left out', () => {
    const text = ingress('').replace('nginx', 'gce-internal') + app('web')
    const { routes, left } = routed(text).routing
    assert.deepEqual([routes.length, left.map(({ why }) => why)], [0, ['internal']])
  })

  test('a Service that is not in the input, or lacks the port, lead nowhere and are routes all the same', () => {
    const [route] = routed(ingress('')).routing.routes
    assert.deepEqual(route?.target, { service: 'shop/web:80', workloads: [] })
    const [other] = routed(ingress('').replace('number: 80', 'number: 81') + app('web')).routing.routes
    assert.deepEqual(other?.target.workloads, [])
    assert.match(other?.because.map(({ text }) => text).join() ?? '', /has no port 81/)
  })

  test('the Gateway API: hosts that route and listener share, by rule and match', () => {
    const text = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: eg}
spec: {controllerName: gateway.envoyproxy.io/gatewayclass-controller}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: g, namespace: shop}
spec: {gatewayClassName: eg, listeners: [{name: http, port: 80, protocol: HTTP, hostname: "*.example.com"}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec:
  parentRefs: [{name: g}]
  hostnames: [a.example.com, a.example.org]
  rules:
    - matches: [{path: {type: PathPrefix, value: /api}}, {path: {type: Exact, value: /x}, method: GET}]
      backendRefs: [{name: web, port: 80}]
---`
    assert.deepEqual(lines(text + app('web')), [
      'HTTPRoute/shop/r a.example.com/api -> web yes envoy-gateway',
      'HTTPRoute/shop/r a.example.com/x GET -> web yes envoy-gateway',
    ])
    const mesh = text.replace('parentRefs: [{name: g}]', 'parentRefs: [{kind: Service, group: "", name: web}]')
    assert.deepEqual(lines(mesh + app('web')), [])
  })

  test('IngressRoute: hosts and paths of the match, through TraefikServices', () => {
    const text = `
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: r, namespace: shop}
spec:
  routes:
    - match: Host(\`a.example.com\`, \`b.example.com\`) && PathPrefix(\`/api\`)
      services: [{name: weighted, kind: TraefikService}]
---
apiVersion: traefik.io/v1alpha1
kind: TraefikService
metadata: {name: weighted, namespace: shop}
spec: {weighted: {services: [{name: web, port: 80, weight: 1}, {name: weighted, kind: TraefikService}]}}
---`
    assert.deepEqual(lines(text + app('web')), [
      'IngressRoute/shop/r a.example.com/api -> web yes traefik',
      'IngressRoute/shop/r b.example.com/api -> web yes traefik',
    ])
  })

  test('HTTPProxy: through includes, which may not go in a circle; an orphan serves nothing', () => {
    const proxy = (name: string, spec: string): string => `
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: ${name}, namespace: shop}
spec: ${spec}
---`
    const routes = '[{services: [{name: web, port: 80}], conditions: [{prefix: /v1}]}]'
    const root = proxy(
      'root',
      '{virtualhost: {fqdn: a.example.com}, includes: [{name: child, conditions: [{prefix: /api}]}]}',
    )
    const child = proxy('child', `{routes: ${routes}, includes: [{name: child}, {name: root}]}`)
    assert.deepEqual(lines(root + child + proxy('orphan', `{routes: ${routes}}`) + app('web')), [
      'HTTPProxy/shop/child a.example.com/api/v1 -> web yes contour',
    ])
  })

  test('VirtualServer and VirtualServerRoute of F5', () => {
    const text = `
apiVersion: k8s.nginx.org/v1
kind: VirtualServer
metadata: {name: v, namespace: shop}
spec:
  host: a.example.com
  upstreams: [{name: u, service: web, port: 80}]
  routes: [{path: /, action: {pass: u}}, {path: /sub, route: shop/sub}]
---
apiVersion: k8s.nginx.org/v1
kind: VirtualServerRoute
metadata: {name: sub, namespace: shop}
spec: {host: a.example.com, upstreams: [{name: u, service: web, port: 80}], subroutes: [{path: =/sub/x, action: {pass: u}}]}
---`
    assert.deepEqual(lines(text + app('web')), [
      'VirtualServer/shop/v a.example.com/ -> web yes f5-nginx',
      'VirtualServerRoute/shop/sub a.example.com/sub/x -> web yes f5-nginx',
    ])
  })

  test('VirtualService of Istio: of a Gateway, not of the mesh; delegates', () => {
    const text = (gateways: string): string => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: g, namespace: shop}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: v, namespace: shop}
spec: {hosts: [a.example.com], ${gateways} http: [{match: [{uri: {prefix: /x}}], delegate: {name: d}}, {route: [{destination: {host: web, port: {number: 80}}}]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: d, namespace: shop}
spec: {http: [{route: [{destination: {host: web}}]}]}
---${app('web')}`
    assert.deepEqual(lines(text('gateways: [g],')), [
      'VirtualService/shop/d a.example.com/x -> web yes istio',
      'VirtualService/shop/v a.example.com/ -> web yes istio',
    ])
    assert.deepEqual(lines(text('')), [])
  })

  test('Services and host ports; the ports of controllers are doors, not routes', () => {
    assert.deepEqual(lines(app('web', 'shop', 'type: LoadBalancer')), ['Service/shop/web :80 -> web yes -'])
    assert.deepEqual(lines(app('web', 'shop', 'type: NodePort')), [
      'Service/shop/web :80 (a port of each node) -> web unknown -',
    ])
    assert.deepEqual(lines(app('web').replace('containerPort: 80', 'containerPort: 80, hostPort: 8080')), [
      'Deployment/shop/web :8080 (host port) -> web unknown -',
    ])
    const { routes, doors } = routed(ingressNginx()).routing
    assert.deepEqual([routes.length, doors.map(({ id }) => id)], [0, ['Service/edge/controller :80']])
  })
})

describe('limits are attached', () => {
  const RPS = 'nginx.ingress.kubernetes.io/limit-rps: "10"'
  test('by annotations of the class that serves, and of no other', () => {
    const traefik = ingress(RPS).replace('ingressClassName: nginx', 'ingressClassName: haproxy') + app('web')
    assert.deepEqual(statesOf(traefik), ['requests inert wrong-class'])
    const nobody = ingress(RPS).replace('ingressClassName: nginx, ', '') + ingressNginx() + app('web')
    assert.deepEqual(
      statesOf(nobody).map((each) => each.split(' ')[1]),
      ['unknown'],
    )
  })

  const middleware = `
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: rate, namespace: shop}
spec: {rateLimit: {average: 10, burst: 20}}
---
apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: {name: chain, namespace: shop}
spec: {chain: {middlewares: [{name: rate}, {name: chain}]}}
---`
  const traefik = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: traefik, namespace: edge}
spec: {selector: {matchLabels: {app: t}}, strategy: {type: Recreate}, template: {metadata: {labels: {app: t}}, spec: {containers: [{name: traefik, image: "traefik:v3.7.9"}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: traefik, namespace: edge}
spec: {type: LoadBalancer, externalTrafficPolicy: Local, selector: {app: t}, ports: [{port: 80}]}
---`
  const route = (middlewares: string): string => `
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: r, namespace: shop}
spec: {routes: [{match: PathPrefix(\`/\`), middlewares: ${middlewares}, services: [{name: web, port: 80}]}]}
---${app('web')}`

  test('by reference: a middleware that no route names does nothing', () => {
    assert.deepEqual(statesOf(traefik + middleware + route('[{name: rate}]')), ['requests effective'])
    assert.deepEqual(statesOf(traefik + middleware + route('[{name: chain}]')), ['requests effective'])
    const { unused } = routed(traefik + middleware + route('[]')).routing
    assert.deepEqual(
      unused.map(({ object, limits }) => [object.name, limits[0]?.state, limits[0]?.rule]),
      [['rate', 'inert', 'unreferenced']],
    )
  })

  test('by the annotation of an Ingress, whose namespace ends where a Middleware begins', () => {
    const named = ingress('traefik.ingress.kubernetes.io/router.middlewares: shop-rate@kubernetescrd').replace(
      'ingressClassName: nginx',
      'ingressClassName: traefik',
    )
    assert.deepEqual(statesOf(traefik + middleware + named + app('web')), ['requests effective'])
  })

  const gateway = `
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: eg}
spec: {controllerName: gateway.envoyproxy.io/gatewayclass-controller}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: g, namespace: shop}
spec: {gatewayClassName: eg, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec: {parentRefs: [{name: g}], rules: [{backendRefs: [{name: web, port: 80}]}]}
---${app('web')}`
  const policy = (name: string, target: string, status = ''): string => `
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: BackendTrafficPolicy
metadata: {name: ${name}, namespace: shop}
spec:
  targetRefs: [${target}]
  rateLimit: {local: {rules: [{limit: {requests: 10, unit: Second}}]}}
${status}
---`

  test('by targetRef: the nearest counts, and one that is not accepted does nothing', () => {
    const ofRoute = '{group: gateway.networking.k8s.io, kind: HTTPRoute, name: r}'
    const ofGateway = '{group: gateway.networking.k8s.io, kind: Gateway, name: g}'
    const both = statesOf(gateway + policy('a', ofGateway) + policy('b', ofRoute))
    assert.deepEqual(both.toSorted(), ['requests effective R5', 'requests inert overridden'])
    const refused = 'status: {ancestors: [{conditions: [{type: Accepted, status: "False", reason: Conflicted}]}]}'
    assert.deepEqual(statesOf(gateway + policy('a', ofRoute, refused)), ['requests inert not-accepted'])
    const elsewhere = policy('a', ofRoute.replace('name: r', 'name: other'))
    assert.deepEqual(statesOf(gateway + elsewhere), [])
    assert.equal(routed(gateway + elsewhere).routing.unused.length, 1)
  })
})

test('what is made to exhaust ends: a million paths, keys of Object.prototype', () => {
  const paths = Array.from(
    { length: 2_000 },
    (_, at) => `{path: /${at}, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}`,
  )
  const text = ingress('__proto__: x, constructor: y').replace(/\{path: .*\}\}\}\}/, paths.join(', '))
  assert.equal(routed(text + app('web')).routing.routes.length, 2_000)
})
