import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '../../../cluster/json.ts'
import { INTERNET } from '../../engine.ts'
import { formatPorts } from '../ports.ts'
import { cluster, edgesOf, type Manifest, made, namespace, policy, service, workload } from '../testing.ts'
import { exposures } from './exposures.ts'

const web = workload('shop/web', { ports: [{ name: 'http', containerPort: 8080 }] })
const http = { port: 80, targetPort: 'http' }

function ways(...manifests: readonly Manifest[]): string[] {
  return exposures(cluster(namespace('shop'), ...manifests)).map(
    ({ kind, workload, ports, truth }) => `${kind} ${workload.split('/')[2]} ${formatPorts(ports)} ${truth}`,
  )
}

const balanced = (spec: Manifest = {}, metadata: Manifest = {}): Manifest =>
  service('shop/web', { type: 'LoadBalancer', ports: [http], ...spec }, metadata)
const annotated = (key: string, value: string): Manifest => balanced({}, { annotations: { [key]: value } })
const only = (from: Json[]): Manifest =>
  policy('shop/web', { podSelector: {}, ingress: from.length > 0 ? [{ from }] : [] })
const EXPOSED = ['exposed-load-balancer web TCP 8080 yes']
const BY_NODE_PORT = ['exposed-node-port web TCP 8080 unknown']

test('a load balancer leads to the pods of its Service, at the target port', () => {
  assert.deepEqual(ways(web, balanced()), EXPOSED)
  assert.deepEqual(ways(web, balanced({ ports: [{ port: 9000 }] })), ['exposed-load-balancer web TCP 9000 yes'])
  assert.deepEqual(ways(web, balanced({ ports: [{ port: 80, targetPort: 'other' }] })), [])
  assert.deepEqual(ways(web, balanced({ selector: { app: 'other' } })), [])
  assert.deepEqual(ways(web, service('shop/web', { ports: [http] })), [])
  assert.deepEqual(ways(web, service('shop/web', { type: 'ExternalName', externalName: 'example.com' })), [])
})

test('one that is internal by annotation, class or range is not on the internet, but for its node ports', () => {
  const internal: readonly (readonly [string, string])[] = [
    ['service.beta.kubernetes.io/aws-load-balancer-internal', 'true'],
    ['service.beta.kubernetes.io/aws-load-balancer-internal', '0.0.0.0/0'],
    ['service.beta.kubernetes.io/aws-load-balancer-scheme', 'internal'],
    ['networking.gke.io/load-balancer-type', 'Internal'],
    ['cloud.google.com/load-balancer-type', 'Internal'],
    ['service.beta.kubernetes.io/azure-load-balancer-internal', 'true'],
    ['service.beta.kubernetes.io/aws-load-balancer-type', 'external'],
    ['service.beta.kubernetes.io/load-balancer-source-ranges', '10.0.0.0/8, 192.168.0.0/16'],
  ]
  for (const [key, value] of internal) assert.deepEqual(ways(web, annotated(key, value)), BY_NODE_PORT, key)
  for (const [key, value] of [
    ['service.beta.kubernetes.io/aws-load-balancer-internal', 'false'],
    ['service.beta.kubernetes.io/aws-load-balancer-scheme', 'internet-facing'],
    ['cloud.google.com/load-balancer-type', 'External'],
  ] as const) {
    assert.deepEqual(ways(web, annotated(key, value)), EXPOSED, key)
  }
  assert.deepEqual(ways(web, balanced({ loadBalancerSourceRanges: ['10.0.0.0/8'] })), BY_NODE_PORT)
  assert.deepEqual(ways(web, balanced({ loadBalancerSourceRanges: ['203.0.113.0/24', '10.0.0.0/8'] })), EXPOSED)
  assert.deepEqual(ways(web, balanced({ loadBalancerClass: 'service.k8s.aws/nlb' })), BY_NODE_PORT)
})

test('a live load balancer that has only private addresses may be reached some other way', () => {
  const live = (ip: string): Manifest => ({ ...balanced(), status: { loadBalancer: { ingress: [{ ip }] } } })
  assert.deepEqual(ways(web, live('192.168.1.20')), ['exposed-load-balancer web TCP 8080 unknown'])
  assert.deepEqual(ways(web, live('198.51.100.7')), EXPOSED)
})

test('a policy that admits neither the outside nor a node cuts it', () => {
  assert.deepEqual(ways(web, balanced(), only([])), [])
  assert.deepEqual(ways(web, balanced(), only([{ podSelector: {} }])), [])
  assert.deepEqual(ways(web, balanced(), only([{ ipBlock: { cidr: '0.0.0.0/0' } }])), EXPOSED)
  assert.deepEqual(ways(web, balanced(), only([{ ipBlock: { cidr: '203.0.113.0/24' } }])), EXPOSED)
  assert.deepEqual(
    ways(web, balanced(), policy('shop/web', { podSelector: {}, ingress: [{ ports: [{ port: 9090 }] }] })),
    [],
  )
  assert.deepEqual(ways(web, balanced(), policy('shop/web', { podSelector: {}, policyTypes: ['Egress'] })), EXPOSED)
})

test('that a pod may be on the node of a public address admits nobody', () => {
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n' },
    status: { addresses: [{ type: 'ExternalIP', address: '198.51.100.9' }] },
  }
  assert.deepEqual(ways(node, web, balanced(), only([])), [])
})

test('the source may be a node, unless its address is kept', () => {
  const nodes = only([{ ipBlock: { cidr: '10.0.0.0/16' } }])
  assert.deepEqual(ways(web, balanced(), nodes), ['exposed-load-balancer web TCP 8080 unknown'])
  assert.deepEqual(ways(web, balanced({ externalTrafficPolicy: 'Local' }), nodes), [])
})

test('source ranges and policy must have an address in common', () => {
  const office = balanced({
    loadBalancerSourceRanges: ['203.0.113.0/24'],
    externalTrafficPolicy: 'Local',
    allocateLoadBalancerNodePorts: false,
  })
  assert.deepEqual(ways(web, office, only([{ ipBlock: { cidr: '203.0.113.7/32' } }])), EXPOSED)
  assert.deepEqual(ways(web, office, only([{ ipBlock: { cidr: '198.51.100.0/24' } }])), [])
})

test('ports of nodes are exposed unless a firewall that nobody exported closes them', () => {
  assert.deepEqual(ways(web, service('shop/web', { type: 'NodePort', ports: [http] })), [
    'exposed-node-port web TCP 8080 unknown',
  ])
  assert.deepEqual(ways(web, service('shop/web', { ports: [http], externalIPs: ['198.51.100.7'] })), [
    'exposed-external-ip web TCP 8080 unknown',
  ])
  const hostPort = (extra: Manifest): Manifest =>
    workload('shop/host', { ports: [{ containerPort: 80, hostPort: 8080, ...extra }] })
  assert.deepEqual(ways(hostPort({})), ['exposed-host-port host TCP 80 unknown'])
  assert.deepEqual(ways(hostPort({ hostIP: '127.0.0.1' })), [])
  assert.deepEqual(ways(workload('shop/host', { ports: [9100], spec: { hostNetwork: true } }), only([])), [
    'exposed-host-network host TCP 9100 unknown',
  ])
  assert.deepEqual(ways(workload('shop/host', { spec: { hostNetwork: true } })), [])
  assert.deepEqual(ways(hostPort({}), only([])), [])
})

const inner = service('shop/web', { ports: [{ ...http, name: 'www' }] })
const ingress = (spec: Manifest, annotations: Manifest = {}, version = 'networking.k8s.io/v1'): Manifest =>
  made('shop/web', version, 'Ingress', { metadata: { annotations }, spec })
const rules = {
  rules: [
    {
      http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }] },
    },
  ],
}
const BY_INGRESS = ['exposed-ingress web TCP 8080 yes']

test('an Ingress leads to the backends of its rules and to its default backend', () => {
  assert.deepEqual(ways(web, inner, ingress(rules)), BY_INGRESS)
  assert.deepEqual(
    ways(web, inner, ingress({ defaultBackend: { service: { name: 'web', port: { name: 'www' } } } })),
    BY_INGRESS,
  )
  assert.deepEqual(
    ways(web, inner, ingress({ defaultBackend: { service: { name: 'web', port: { number: 81 } } } })),
    [],
  )
  assert.deepEqual(
    ways(web, inner, ingress({ backend: { serviceName: 'web', servicePort: 80 } }, {}, 'extensions/v1beta1')),
    BY_INGRESS,
  )
  assert.deepEqual(ways(web, ingress(rules)), [])
})

test('an Ingress of an internal class or source range is not on the internet', () => {
  assert.deepEqual(ways(web, inner, ingress(rules, { 'kubernetes.io/ingress.class': 'gce-internal' })), [])
  assert.deepEqual(ways(web, inner, ingress({ ...rules, ingressClassName: 'alb' })), [])
  assert.deepEqual(
    ways(
      web,
      inner,
      ingress({ ...rules, ingressClassName: 'alb' }, { 'alb.ingress.kubernetes.io/scheme': 'internet-facing' }),
    ),
    BY_INGRESS,
  )
  assert.deepEqual(
    ways(web, inner, ingress(rules, { 'nginx.ingress.kubernetes.io/whitelist-source-range': '10.0.0.0/8' })),
    [],
  )
  assert.deepEqual(ways(web, inner, ingress({ ...rules, ingressClassName: 'nginx-internal' })), [
    'exposed-ingress web TCP 8080 unknown',
  ])
})

test('without a known controller the backend must admit one from anywhere', () => {
  assert.deepEqual(ways(web, inner, ingress(rules), only([])), [])
  assert.deepEqual(ways(web, inner, ingress(rules), only([{ podSelector: {} }])), [])
  assert.deepEqual(ways(web, inner, ingress(rules), only([{ namespaceSelector: {} }])), BY_INGRESS)
  const named = only([{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } }])
  assert.deepEqual(ways(web, inner, ingress(rules), named), ['exposed-ingress web TCP 8080 unknown'])
  const own = only([{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } }])
  assert.deepEqual(ways(web, inner, ingress(rules), own), [])
})

test('a controller of the input must be admitted itself, and be reached', () => {
  const controller = workload('ingress-nginx/controller', {
    labels: { app: 'controller' },
    spec: {
      containers: [
        { name: 'c', image: 'registry.k8s.io/ingress-nginx/controller:v1.12.0', ports: [{ containerPort: 80 }] },
      ],
    },
  })
  const front = (annotations: Manifest, spec: Manifest = {}): Manifest =>
    service('ingress-nginx/controller', { type: 'LoadBalancer', ports: [{ port: 80 }], ...spec }, { annotations })
  const both = [namespace('ingress-nginx'), controller, web, inner, ingress({ ...rules, ingressClassName: 'nginx' })]
  const ofWeb = (...more: Manifest[]): string[] => ways(...both, ...more).filter((each) => each.includes(' web '))
  const admits = only([{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } }])
  assert.deepEqual(ofWeb(front({}), admits), BY_INGRESS)
  assert.deepEqual(ofWeb(front({}), only([{ podSelector: {} }])), [])
  assert.deepEqual(ofWeb(admits), ['exposed-ingress web TCP 8080 unknown'])
  const internal = { 'networking.gke.io/load-balancer-type': 'Internal' }
  assert.deepEqual(ofWeb(front(internal, { allocateLoadBalancerNodePorts: false })), [])
  assert.deepEqual(ofWeb(front(internal)), ['exposed-ingress web TCP 8080 unknown'])
})

test('the controller of another class is not asked', () => {
  const controller = workload('ingress-nginx/controller', {
    spec: { containers: [{ name: 'c', image: 'registry.k8s.io/ingress-nginx/controller:v1.12.0' }] },
  })
  const other = made('/plus', 'networking.k8s.io/v1', 'IngressClass', {
    spec: { controller: 'nginx.org/ingress-controller' },
  })
  const of = (ingressClassName: string): string[] =>
    ways(
      namespace('ingress-nginx'),
      controller,
      other,
      web,
      inner,
      ingress({ ...rules, ingressClassName }),
      only([{ podSelector: {} }, { ipBlock: { cidr: '203.0.113.0/24' } }]),
    )
  assert.deepEqual(of('nginx'), [])
  assert.deepEqual(of('plus'), ['exposed-ingress web TCP 8080 unknown'])
})

const GATEWAY_API = 'gateway.networking.k8s.io/v1'
const gateway = (listener: Manifest, spec: Manifest = {}): Manifest =>
  made('infra/gw', GATEWAY_API, 'Gateway', {
    spec: {
      gatewayClassName: 'example',
      listeners: [{ name: 'http', protocol: 'HTTP', port: 80, ...listener }],
      ...spec,
    },
  })
const toWeb = { backendRefs: [{ name: 'web', port: 80 }] }
const route = (parent: Manifest, rule: Manifest = toWeb, kind = 'HTTPRoute'): Manifest =>
  made('shop/web', GATEWAY_API, kind, {
    spec: { parentRefs: [{ name: 'gw', namespace: 'infra', ...parent }], rules: [rule] },
  })
const BY_GATEWAY = ['exposed-gateway web TCP 8080 yes']
const fromAll = { allowedRoutes: { namespaces: { from: 'All' } } }

test('a route of a Gateway leads to its backends where a listener admits it', () => {
  const of = (...manifests: Manifest[]): string[] => ways(web, inner, ...manifests)
  assert.deepEqual(of(gateway(fromAll), route({})), BY_GATEWAY)
  assert.deepEqual(of(gateway({}), route({})), [])
  assert.deepEqual(
    of(
      gateway({
        allowedRoutes: {
          namespaces: { from: 'Selector', selector: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } },
        },
      }),
      route({}),
    ),
    BY_GATEWAY,
  )
  assert.deepEqual(of(gateway(fromAll), route({ sectionName: 'other' })), [])
  assert.deepEqual(of(gateway(fromAll), route({ port: 81 })), [])
  assert.deepEqual(
    of(gateway({ allowedRoutes: { ...fromAll.allowedRoutes, kinds: [{ kind: 'GRPCRoute' }] } }), route({})),
    [],
  )
  assert.deepEqual(of(gateway(fromAll), route({}, toWeb, 'TCPRoute')), [])
  assert.deepEqual(of(gateway({ ...fromAll, protocol: 'TCP' }), route({}, toWeb, 'TCPRoute')), BY_GATEWAY)
  assert.deepEqual(of(route({})), ['exposed-gateway web TCP 8080 unknown'])
  assert.deepEqual(of(route({ kind: 'Service', group: '', name: 'web' })), [])
})

test('internal Gateways are not on the internet', () => {
  assert.deepEqual(ways(web, inner, gateway(fromAll, { gatewayClassName: 'gke-l7-rilb' }), route({})), [])
  assert.deepEqual(
    ways(
      web,
      inner,
      gateway(fromAll, { infrastructure: { annotations: { 'networking.gke.io/load-balancer-type': 'Internal' } } }),
      route({}),
    ),
    [],
  )
})

test('a backend in another namespace needs a grant there', () => {
  const away = made('apps/web', GATEWAY_API, 'HTTPRoute', {
    spec: {
      parentRefs: [{ name: 'gw', namespace: 'infra' }],
      rules: [{ backendRefs: [{ name: 'web', namespace: 'shop', port: 80 }] }],
    },
  })
  const grant = (from: Manifest): Manifest =>
    made('shop/grant', 'gateway.networking.k8s.io/v1beta1', 'ReferenceGrant', {
      spec: {
        from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', ...from }],
        to: [{ group: '', kind: 'Service' }],
      },
    })
  assert.deepEqual(ways(web, inner, gateway(fromAll), away), [])
  assert.deepEqual(ways(web, inner, gateway(fromAll), away, grant({ namespace: 'other' })), [])
  assert.deepEqual(ways(web, inner, gateway(fromAll), away, grant({ namespace: 'apps' })), BY_GATEWAY)
})

test('a ListenerSet counts where its Gateway takes it', () => {
  const set = made('shop/set', GATEWAY_API, 'ListenerSet', {
    spec: { parentRef: { name: 'gw', namespace: 'infra' }, listeners: [{ name: 'http', protocol: 'HTTP', port: 80 }] },
  })
  const asked = route({ kind: 'ListenerSet', name: 'set', namespace: 'shop' })
  assert.deepEqual(ways(web, inner, gateway({}), set, asked), [])
  assert.deepEqual(
    ways(web, inner, gateway({}, { allowedListeners: { namespaces: { from: 'All' } } }), set, asked),
    BY_GATEWAY,
  )
  assert.deepEqual(ways(web, inner, set, asked), ['exposed-gateway web TCP 8080 unknown'])
})

test('what is deployed for a Gateway must be admitted', () => {
  const proxy = workload('infra/gw-istio', { labels: { 'gateway.networking.k8s.io/gateway-name': 'gw' } })
  const front = service('infra/gw-istio', {
    type: 'LoadBalancer',
    ports: [{ port: 80 }],
    selector: { 'gateway.networking.k8s.io/gateway-name': 'gw' },
  })
  const of = (from: Json): string[] =>
    ways(namespace('infra'), proxy, front, web, inner, gateway(fromAll), route({}), only([from])).filter((each) =>
      each.includes(' web '),
    )
  assert.deepEqual(of({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'infra' } } }), BY_GATEWAY)
  assert.deepEqual(of({ podSelector: {} }), [])
})

test('routes of OpenShift, Istio, Traefik and Contour', () => {
  const openShift = (spec: Manifest): Manifest =>
    made('shop/web', 'route.openshift.io/v1', 'Route', { spec: { to: { kind: 'Service', name: 'web' }, ...spec } })
  const BY_ROUTE = ['exposed-route web TCP 8080 yes']
  assert.deepEqual(ways(web, inner, openShift({})), BY_ROUTE)
  assert.deepEqual(ways(web, inner, openShift({ port: { targetPort: 'http' } })), BY_ROUTE)
  assert.deepEqual(ways(web, inner, openShift({ port: { targetPort: 'www' } })), BY_ROUTE)
  assert.deepEqual(ways(web, inner, openShift({ port: { targetPort: 80 } })), [])
  assert.deepEqual(
    ways(
      web,
      inner,
      made('shop/web', 'traefik.io/v1alpha1', 'IngressRoute', {
        spec: { routes: [{ services: [{ name: 'web', port: 80 }] }] },
      }),
    ),
    BY_ROUTE,
  )
  assert.deepEqual(
    ways(
      web,
      inner,
      made('shop/web', 'projectcontour.io/v1', 'HTTPProxy', {
        spec: { routes: [{ services: [{ name: 'web', port: 80 }] }] },
      }),
    ),
    BY_ROUTE,
  )
  const virtual = (gateways: string[], host = 'web'): Manifest =>
    made('shop/web', 'networking.istio.io/v1', 'VirtualService', {
      spec: { gateways, http: [{ route: [{ destination: { host, port: { number: 80 } } }] }] },
    })
  const istio = (name: string, value = 'ingressgateway'): Manifest =>
    made(`shop/${name}`, 'networking.istio.io/v1', 'Gateway', { spec: { selector: { istio: value } } })
  assert.deepEqual(ways(web, inner, istio('gw'), virtual(['gw'])), BY_GATEWAY)
  assert.deepEqual(ways(web, inner, istio('gw'), virtual(['shop/gw'], 'web.shop.svc.cluster.local')), BY_GATEWAY)
  assert.deepEqual(ways(web, inner, virtual(['gw'])), ['exposed-gateway web TCP 8080 unknown'])
  assert.deepEqual(ways(web, inner, istio('gw'), virtual(['mesh'])), [])
  assert.deepEqual(ways(web, inner, istio('gw', 'egressgateway'), virtual(['gw'])), [])
})

test('each way in is an edge from the internet, with what opens it', () => {
  const edges = edgesOf(cluster(namespace('shop'), web, balanced())).filter(({ from }) => from === INTERNET)
  assert.deepEqual(
    edges.map(({ because, ...edge }) => ({ ...edge, why: because[0]?.object?.id })),
    [
      {
        kind: 'exposed-load-balancer',
        from: INTERNET,
        to: 'Deployment/shop/web',
        chance: 0.1,
        truth: 'yes',
        rule: 'Service/shop/web TCP 8080',
        why: 'Service/shop/web',
      },
    ],
  )
})
