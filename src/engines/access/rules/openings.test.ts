import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ATTACKER, cluster, grant, rule, workload } from '../testing.ts'

const NETWORKING = 'networking.k8s.io'
const GATEWAY = 'gateway.networking.k8s.io'
const SLICES = 'discovery.k8s.io'
const WEB = 'Deployment/ops/web'
const SHOP = 'Deployment/shop/front'

const service = (name: string, namespace = 'ops', spec = '', metadata = ''): string => `
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}${metadata}}
spec: {selector: {a: ${name}}, ports: [{port: 80}]${spec}}`
const policy = (ingress: string, namespace = 'ops'): string => `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: walls, namespace: ${namespace}}
spec: {podSelector: {}, policyTypes: [Ingress], ingress: [${ingress}]}`
const NGINX = `
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
---
apiVersion: v1
kind: Namespace
metadata: {name: ingress}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: controller, namespace: ingress}
spec:
  selector: {matchLabels: {a: controller}}
  template:
    metadata: {labels: {a: controller}}
    spec: {automountServiceAccountToken: false, containers: [{name: main, image: registry.k8s.io/ingress-nginx/controller:v1.12.2, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: controller, namespace: ingress}
spec: {type: LoadBalancer, selector: {a: controller}, ports: [{port: 80}]}`
const INTERNAL = NGINX.replace(
  'metadata: {name: controller, namespace: ingress}\nspec: {type',
  'metadata: {name: controller, namespace: ingress, annotations: {networking.gke.io/load-balancer-type: Internal}}\nspec: {allocateLoadBalancerNodePorts: false, type',
)
const ingress = (name: string, namespace: string): string => `
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, namespace: ${namespace}}
spec: {ingressClassName: nginx, rules: [{host: ${namespace}.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: ${name}, port: {number: 80}}}}]}}]}`
const BALANCER =
  service('front', 'shop', ', type: LoadBalancer') + workload('Deployment', 'front', { namespace: 'shop' })

const CREATE_SERVICE = rule('create', 'services')
const CREATE_INGRESS = rule('create', 'ingresses', NETWORKING)

/** The edge of a kind from the attacker, and how certain it and what it leads to are. */
function reached(yaml: string, rights: readonly string[], kind: string, to = WEB, at: string | null = 'ops'): string {
  const judged = cluster(yaml + grant(rights, at === null ? {} : { at }))
  const { edges } = judged.analysis
  const seen = new Set(edges.filter((edge) => edge.from === ATTACKER && edge.kind === kind).map((edge) => edge.to))
  for (const id of seen) for (const edge of edges) if (edge.from === id && edge.kind === 'contains') seen.add(edge.to)
  const own = edges.filter((edge) => seen.has(edge.from) && edge.to === to && edge.chance < 1)
  const best = own.find((edge) => edge.truth === 'yes') ?? own[0]
  if (best) assert.equal(judged.chance(ATTACKER, to) >= best.chance, true)
  return best ? `${best.chance} ${best.truth}` : 'none'
}

describe('open-service', () => {
  const web = workload('Deployment', 'web')
  const opened = (yaml: string, right = CREATE_SERVICE): string => reached(yaml, [right], 'open-service')

  test('a Service of a pod of the namespace: surely where the cluster gives load balancers', () => {
    assert.equal(opened(web), '0.02 unknown')
    assert.equal(opened(web + BALANCER), '0.02 yes')
    assert.equal(opened(web + service('web') + BALANCER), '0.1 yes')
    assert.equal(opened(web + BALANCER, rule('create', 'services', '', 'web')), 'none')
    assert.equal(opened(web + BALANCER, rule('get, list, delete', 'services')), 'none')
    assert.equal(opened(web + BALANCER, rule('create', 'services', 'serving.knative.dev')), 'none')
    assert.equal(opened(web + BALANCER, rule('update', 'services/status')), 'none')
  })
  test('one that is there may be changed', () => {
    assert.equal(opened(web + BALANCER, rule('patch', 'services')), 'none')
    assert.equal(opened(web + service('other') + BALANCER, rule('patch', 'services')), '0.02 yes')
    assert.equal(opened(web + service('other') + BALANCER, rule('update', 'services', '', 'other')), '0.02 yes')
    assert.equal(opened(web + service('other') + BALANCER, rule('update', 'services', '', 'absent')), 'none')
  })
  test('policies of the workload still hold', () => {
    assert.equal(opened(web + BALANCER + policy('')), 'none')
    assert.equal(opened(web + BALANCER + policy('{from: [{podSelector: {}}]}')), 'none')
    assert.equal(opened(web + BALANCER + policy('{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}')), '0.02 yes')
    assert.equal(opened(web + BALANCER + policy('{ports: [{port: 9090}]}')), '0.02 yes')
    assert.equal(opened(web + service('web') + BALANCER + policy('{ports: [{port: 9090}]}')), '0.02 yes')
    // What comes through a node has the node's address.
    assert.equal(opened(web + BALANCER + policy('{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}')), '0.02 unknown')
  })
  test('a quota without load balancers, a webhook and a policy make it unknown; those of other kinds do not', () => {
    const quota = (most: string, namespace = 'ops'): string => `
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: q, namespace: ${namespace}}
spec: {hard: {services.loadbalancers: "${most}"}}`
    assert.equal(opened(web + BALANCER + quota('0')), '0.02 unknown')
    assert.equal(opened(web + BALANCER + quota('5')), '0.02 yes')
    assert.equal(opened(web + BALANCER + quota('0', 'shop')), '0.02 yes')
    const webhook = (resource: string): string => `
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: guard}
webhooks: [{name: guard.example.com, rules: [{apiGroups: [""], apiVersions: [v1], resources: [${resource}], operations: [CREATE]}]}]`
    assert.equal(opened(web + BALANCER + webhook('services')), '0.02 unknown')
    assert.equal(opened(web + BALANCER + webhook('pods')), '0.02 yes')
  })
  test('no pod of another namespace, and none that no selector finds', () => {
    assert.equal(reached(web + BALANCER, [CREATE_SERVICE], 'open-service', SHOP), 'none')
    assert.equal(reached(web + BALANCER, [CREATE_SERVICE], 'open-service', SHOP, null), '0.1 yes')
    const lone = `
---
apiVersion: v1
kind: Pod
metadata: {name: lone, namespace: ops}
spec: {automountServiceAccountToken: false, containers: [{name: main, image: x}]}`
    assert.equal(reached(lone + BALANCER, [CREATE_SERVICE], 'open-service', 'Pod/ops/lone'), 'none')
  })
})

describe('open-route', () => {
  const web = workload('Deployment', 'web')
  const opened = (yaml: string, ...rights: readonly string[]): string => reached(yaml, rights, 'open-route')

  test('an Ingress to a Service of the namespace, where a class is served', () => {
    assert.equal(opened(web + service('web') + NGINX, CREATE_INGRESS), '0.1 yes')
    assert.equal(opened(web + service('web'), CREATE_INGRESS), 'none')
    assert.equal(opened(web + service('web') + INTERNAL, CREATE_INGRESS), 'none')
    assert.equal(opened(web + NGINX, CREATE_INGRESS), 'none')
    assert.equal(opened(web + service('web') + NGINX, rule('patch', 'ingresses', NETWORKING)), 'none')
    assert.equal(
      opened(web + service('web') + NGINX + ingress('web', 'ops'), rule('patch', 'ingresses', NETWORKING, 'web')),
      '0.1 yes',
    )
    assert.equal(opened(web + service('web') + NGINX, rule('create', 'ingresses')), 'none')
  })
  test('with a right to write Services any pod', () => {
    assert.equal(opened(web + NGINX, CREATE_INGRESS, CREATE_SERVICE), '0.02 yes')
    assert.equal(opened(web + NGINX, CREATE_INGRESS, rule('get', 'services')), 'none')
  })
  test('policies of the workload let the proxy in, or not', () => {
    const from = (name: string): string =>
      policy(`{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${name}}}}]}`)
    assert.equal(opened(web + service('web') + NGINX + from('ingress'), CREATE_INGRESS), '0.1 yes')
    assert.equal(opened(web + service('web') + NGINX + from('kube-system'), CREATE_INGRESS), 'none')
    assert.equal(reached(web + service('web') + NGINX + from('ingress'), [CREATE_SERVICE], 'open-service'), 'none')
  })

  const gateway = (from: string): string => `
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: shop}
spec: {gatewayClassName: x, listeners: [{name: web, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: ${from}}}}]}`
  const CREATE_ROUTE = rule('create', 'httproutes', GATEWAY)
  test('an HTTPRoute, where a listener takes those of the namespace', () => {
    const at = (from: string, right = CREATE_ROUTE): string => opened(web + service('web') + gateway(from), right)
    assert.equal(at('All'), '0.1 yes')
    assert.equal(at('Same'), 'none')
    assert.equal(at('All', rule('create', 'tcproutes', GATEWAY)), 'none')
    assert.equal(at('Selector, selector: {matchLabels: {kubernetes.io/metadata.name: ops}}'), '0.1 yes')
    assert.equal(at('Selector, selector: {matchLabels: {kubernetes.io/metadata.name: app}}'), 'none')
  })
  test('Services of another namespace by a grant that is there, or that the subject can give', () => {
    const shop = `${BALANCER}${gateway('All')}`
    const granted = (kind: string, name: string): string => `
---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: g, namespace: shop}
spec: {from: [{group: ${GATEWAY}, kind: ${kind}, namespace: ops}], to: [{group: "", kind: Service, name: ${name}}]}`
    const to = (yaml: string, rights = [CREATE_ROUTE]): string => reached(yaml, rights, 'open-route', SHOP)
    assert.equal(to(shop), 'none')
    assert.equal(to(shop + granted('HTTPRoute', 'front')), '0.1 yes')
    assert.equal(to(shop + granted('HTTPRoute', 'other')), 'none')
    assert.equal(to(shop + granted('TLSRoute', 'front')), 'none')
    const both = (verb: string, at: string): string => {
      const yaml = shop + grant([rule(verb, 'referencegrants', GATEWAY)], { at, name: 'granting' })
      return reached(yaml, [CREATE_ROUTE], 'open-route', SHOP)
    }
    assert.equal(both('create', 'shop'), '0.1 yes')
    assert.equal(both('create', 'app'), 'none')
    assert.equal(both('get', 'shop'), 'none')
    assert.equal(both('update', 'shop'), 'none')
  })
})

describe('open-address', () => {
  const CREATE_SLICE = rule('create', 'endpointslices', SLICES)
  const yaml = `${workload('Deployment', 'web')}${BALANCER}`
  const to = (more: string, ...rights: readonly string[]): string => reached(yaml + more, rights, 'open-address', SHOP)

  test('endpoints of one’s own writing behind a way in lead to any pod', () => {
    assert.equal(to('', CREATE_SLICE, CREATE_SERVICE), '0.1 yes')
    assert.equal(to(NGINX, CREATE_SLICE, CREATE_INGRESS), '0.1 yes')
    assert.equal(to('', rule('create', 'endpoints'), CREATE_SERVICE), '0.1 yes')
    assert.equal(to(service('web', 'ops', ', type: LoadBalancer'), CREATE_SLICE), '0.1 yes')
  })
  test('not without a way in, by Endpoints of a Service with a selector, or past the policies of the pod', () => {
    assert.equal(to('', CREATE_SLICE), 'none')
    assert.equal(to(service('web'), CREATE_SLICE), 'none')
    assert.equal(to('', CREATE_SERVICE), 'none')
    assert.equal(to(service('web', 'ops', ', type: LoadBalancer'), rule('create', 'endpoints')), 'none')
    assert.equal(to(policy('', 'shop'), CREATE_SLICE, CREATE_SERVICE), 'none')
  })
})

describe('take-route', () => {
  const CREATE_SLICE = rule('create', 'endpointslices', SLICES)
  const shop = `${workload('Deployment', 'front', { namespace: 'shop' })}${service('front', 'shop')}${ingress('front', 'shop')}`
  const to = (yaml: string, ...rights: readonly string[]): string => reached(yaml, rights, 'take-route', SHOP)

  test('a longer path under the host of another namespace’s Ingress', () => {
    assert.equal(to(shop + NGINX, CREATE_INGRESS, CREATE_SLICE), '0.1 yes')
    assert.equal(
      to(shop + NGINX.replace('k8s.io/ingress-nginx', 'haproxy.org/ingress'), CREATE_INGRESS, CREATE_SLICE),
      '0.1 unknown',
    )
  })
  test('not without something that answers, nor where a name is one object’s alone', () => {
    assert.equal(to(shop + NGINX, CREATE_INGRESS), 'none')
    assert.equal(to(shop + NGINX, CREATE_SLICE), 'none')
    assert.equal(
      to(shop + NGINX.replace('k8s.io/ingress-nginx', 'nginx.org/ingress-controller'), CREATE_INGRESS, CREATE_SLICE),
      'none',
    )
    assert.equal(to(shop + NGINX, CREATE_INGRESS, rule('patch', 'endpointslices', SLICES)), 'none')
  })
  test('an HTTPRoute, where one listener takes routes of both namespaces', () => {
    const route = `
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: front, namespace: shop}
spec: {parentRefs: [{name: public}], rules: [{backendRefs: [{name: front, port: 80}]}]}`
    const listeners = (text: string): string => `
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: shop}
spec: {gatewayClassName: x, listeners: [${text}]}`
    const all = (name: string, host: string, from: string): string =>
      `{name: ${name}, port: 80, protocol: HTTP, hostname: ${host}, allowedRoutes: {namespaces: {from: ${from}}}}`
    const front = `${workload('Deployment', 'front', { namespace: 'shop' })}${service('front', 'shop')}${route}`
    const rights = [rule('create', 'httproutes', GATEWAY), CREATE_SLICE]
    assert.equal(to(front + listeners(all('web', 'a.example.com', 'All')), ...rights), '0.1 yes')
    assert.equal(to(front + listeners(all('web', 'a.example.com', 'Same')), ...rights), 'none')
    const apart = `${all('own', 'a.example.com', 'Same')}, ${all('others', 'b.example.com', 'All')}`
    const named = front.replace(
      'parentRefs: [{name: public}]',
      'hostnames: [a.example.com], parentRefs: [{name: public}]',
    )
    assert.equal(to(named + listeners(apart), ...rights), 'none')
  })
})
