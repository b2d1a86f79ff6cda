import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Json } from '../../cluster/json.ts'
import { controlPlaneReaches, reachesApiServer } from './api-server.ts'
import { networkModel } from './model.ts'
import { networkEngine } from './network.ts'
import { cluster, type Manifest, made, NOTHING_KNOWN, namespace, workload } from './testing.ts'

/** Every input may be written by an attacker: whatever stands in a field, an answer comes back. */

const KINDS: readonly (readonly [apiVersion: string, kind: string])[] = [
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['networking.k8s.io/v1', 'Ingress'],
  ['networking.k8s.io/v1', 'IngressClass'],
  ['v1', 'Service'],
  ['v1', 'Endpoints'],
  ['discovery.k8s.io/v1', 'EndpointSlice'],
  ['v1', 'Pod'],
  ['v1', 'Node'],
  ['apps/v1', 'DaemonSet'],
  ['batch/v1', 'CronJob'],
  ['gateway.networking.k8s.io/v1', 'Gateway'],
  ['gateway.networking.k8s.io/v1', 'HTTPRoute'],
  ['gateway.networking.k8s.io/v1', 'ReferenceGrant'],
  ['gateway.networking.k8s.io/v1', 'ListenerSet'],
  ['networking.istio.io/v1', 'VirtualService'],
  ['networking.istio.io/v1', 'Gateway'],
  ['route.openshift.io/v1', 'Route'],
  ['traefik.io/v1alpha1', 'IngressRoute'],
  ['projectcontour.io/v1', 'HTTPProxy'],
  ['policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy'],
  ['cilium.io/v2', 'CiliumNetworkPolicy'],
  ['projectcalico.org/v3', 'NetworkPolicy'],
]

const NAMES = [
  'podSelector',
  'matchLabels',
  'matchExpressions',
  'ingress',
  'egress',
  'from',
  'to',
  'ports',
  'port',
  'endPort',
  'protocol',
  'ipBlock',
  'cidr',
  'except',
  'policyTypes',
  'selector',
  'type',
  'rules',
  'http',
  'paths',
  'backend',
  'service',
  'name',
  'namespace',
  'backendRefs',
  'parentRefs',
  'listeners',
  'allowedRoutes',
  'namespaces',
  'kind',
  'addresses',
  'endpoints',
  'targetPort',
  'containers',
  'gateways',
  'route',
  'destination',
  'host',
  'services',
  'routes',
  'defaultBackend',
  'key',
  'operator',
  'values',
  'weight',
  'filters',
  'requestMirror',
  'mirrors',
  'hostname',
  'hostnames',
  'hosts',
  'servers',
  'externalName',
  'targetRef',
  'completionMode',
  '__proto__',
  'constructor',
]
const WORDS = [
  'app',
  'shop',
  'LoadBalancer',
  'NodePort',
  'TCP',
  '10.0.0.0/8',
  '::/0',
  '0.0.0.0/99',
  'In',
  'Exists',
  'RequestMirror',
  'ExternalName',
  'app.shop.svc.x',
  'Gateway',
  'x',
  '',
  'http',
  '*',
  '../..',
]

const value = fc.letrec<{ any: Json }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom<Json>(...WORDS),
    fc.constantFrom<Json>(null, true, 0, -1, 1.5, 80, 65536, 1e300),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('any'), { maxKeys: 4 }) as fc.Arbitrary<Json>,
  ),
})).any

test('whatever stands in a field, an answer comes back', () => {
  const object = fc.tuple(
    fc.constantFrom(...KINDS),
    value,
    value,
    fc.constantFrom('shop/app', 'shop/x', 'default/kubernetes'),
  )
  fc.assert(
    fc.property(fc.array(object, { maxLength: 6 }), (objects) => {
      const bodies = objects.map(([[apiVersion, kind], spec, rest, id]): Manifest => {
        return made(id, apiVersion, kind, { spec, status: rest, endpoints: rest, subsets: rest })
      })
      const of = cluster(namespace('shop'), workload('shop/app', { ports: [80] }), ...bodies)
      const engine = networkEngine()
      for (const { chance, because } of engine.edges(of, NOTHING_KNOWN)) assert.ok(chance > 0 && because.length > 0)
      for (const { message } of [...engine.findings(of, NOTHING_KNOWN), ...engine.unknowns(of, NOTHING_KNOWN)])
        assert.ok(message !== '')
      for (const each of of.workloads)
        for (const ask of [reachesApiServer, controlPlaneReaches])
          assert.ok(ask(networkModel(of), each).because.length > 0)
    }),
    { numRuns: 1500 },
  )
})
