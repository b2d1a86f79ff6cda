import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { buildCluster, type Cluster } from '../../cluster/cluster.ts'
import { at } from '../../cluster/json.ts'
import { idOf } from '../../cluster/object.ts'
import { type Front, frontsOf } from '../../engines/traffic/front/front.ts'
import { SHIPPED_RANGES } from '../../engines/traffic/front/ranges.ts'
import { cloudflared, externalDns, knownCluster, nginx, nodeAt, site } from '../../engines/traffic/front/testing.ts'
import { routesOf } from '../../engines/traffic/routes/routes.ts'
import { knownOf, partsOf } from '../../known.ts'
import { applyFix } from '../apply.ts'
import type { Fix } from '../fix.ts'
import { originLocks } from './origin-lock.ts'

const HOST = 'shop.example.com'
const NEW = { 'external-dns.kubernetes.io/cloudflare-proxied': 'true' }
const LIST = 'nginx.ingress.kubernetes.io/whitelist-source-range'

function frontsIn(cluster: Cluster): readonly Front[] {
  const known = knownOf(cluster, partsOf(cluster, { enforced: 'yes' }))
  return frontsOf(cluster, known, routesOf(cluster, known), SHIPPED_RANGES)
}

/** The states of hosts before and after all fixes, and the fixes. */
function locked(...texts: readonly string[]): {
  before: string
  after: string
  fixes: readonly Fix[]
  cluster: Cluster
} {
  const { cluster } = knownCluster(...texts)
  const fixes = originLocks(frontsIn(cluster), SHIPPED_RANGES, cluster)
  const after = buildCluster({ objects: fixes.reduce(applyFix, cluster.objects) })
  const states = (all: readonly Front[]): string =>
    all
      .map(({ host, state }) => `${host} ${state}`)
      .sort()
      .join(', ')
  return { before: states(frontsIn(cluster)), after: states(frontsIn(after)), fixes, cluster: after }
}
const direct = (spec: string): string => `
apiVersion: v1
kind: Service
metadata: {name: direct, namespace: shop}
spec: {selector: {app: web}, ports: [{name: a, port: 8080, nodePort: 30080}, {name: b, port: 9090, nodePort: 30090}], ${spec}}`

describe('locks of an origin', () => {
  test('real-IP is not turned on under a list of edges: it would let nobody in', () => {
    const list = SHIPPED_RANGES.get('cloudflare')?.cidrs.join(',') ?? ''
    const { before, after, fixes } = locked(nginx(), site(HOST, { [LIST]: list }), nodeAt('10.0.0.4'))
    assert.deepEqual([before, after], [`${HOST} shared-provider`, `${HOST} shared-provider`])
    assert.deepEqual(
      fixes.filter(({ title }) => /who the client is/.test(title)),
      [],
    )
  })

  test('source ranges and exact trust: what was open is the provider’s', () => {
    const { before, after, fixes, cluster } = locked(
      nginx(),
      site(HOST, NEW),
      externalDns('v0.22.0'),
      nodeAt('10.0.0.4'),
    )
    assert.deepEqual([before, after], [`${HOST} open`, `${HOST} shared-provider`])
    assert.deepEqual(
      fixes.map(({ id }) => id),
      ['origin-real-ip-edge-nginx', 'origin-sources-edge-nginx'],
    )
    const settings = cluster.get(idOf('ConfigMap', 'edge', 'nginx'))
    assert.equal(at(settings?.body, 'data', 'use-forwarded-headers'), 'true')
    assert.equal(at(settings?.body, 'data', 'forwarded-for-header'), 'CF-Connecting-IP')
    assert.equal(String(at(settings?.body, 'data', 'proxy-real-ip-cidr')).split(',').length, 22)
    assert.deepEqual(originLocks(frontsIn(cluster), SHIPPED_RANGES, cluster), [])
  })

  test('a host of the same door with nobody in front is named: it would be shut out', () => {
    const notes = (...more: readonly string[]): string =>
      locked(nginx(), site(HOST, NEW), externalDns('v0.22.0'), nodeAt('10.0.0.4'), ...more)
        .fixes.flatMap((each) => each.notes)
        .join(' ')
    assert.match(notes(site('bare.example.com', {}, 'bare')), /Nobody stands before bare\.example\.com/)
    assert.doesNotMatch(notes(site('also.example.com', NEW, 'also')), /Nobody stands before/)
    assert.doesNotMatch(notes(), /Nobody stands before/)
  })

  test('nothing, where nobody stands in front', () => {
    assert.deepEqual(locked(nginx(), site(HOST), direct('type: LoadBalancer')).fixes, [])
  })

  test('a second door becomes internal, with every field that only others may have', () => {
    const { after, cluster } = locked(
      nginx(),
      site(HOST, NEW),
      externalDns('v0.22.0'),
      nodeAt('10.0.0.4'),
      direct(
        'type: LoadBalancer, externalTrafficPolicy: Local, allocateLoadBalancerNodePorts: true, healthCheckNodePort: 30100',
      ),
    )
    assert.match(after, /shop.example.com shared-provider/)
    const service = cluster.get(idOf('Service', 'shop', 'direct'))
    assert.deepEqual(at(service?.body, 'spec'), {
      type: 'ClusterIP',
      selector: { app: 'web' },
      ports: [
        { name: 'a', port: 8080 },
        { name: 'b', port: 9090 },
      ],
    })
  })

  test('beside a tunnel the load balancer goes, and keeps no ranges', () => {
    const { before, after, fixes } = locked(nginx(), site(HOST), cloudflared({ [HOST]: 'http://nginx.edge:80' }))
    assert.deepEqual([before, after], [`${HOST} open`, `${HOST} locked`])
    assert.ok(fixes.some(({ id }) => id === 'origin-close-edge-nginx'))
    assert.ok(!fixes.some(({ id }) => id.startsWith('origin-sources')))
  })

  test('external addresses go', () => {
    const { cluster } = locked(
      nginx(),
      site(HOST, NEW),
      externalDns('v0.22.0'),
      nodeAt('10.0.0.4'),
      direct('externalIPs: [198.51.100.9]'),
    )
    assert.equal(at(cluster.get(idOf('Service', 'shop', 'direct'))?.body, 'spec', 'externalIPs'), undefined)
  })

  test('an allowlist moves from the Ingress to the load balancer', () => {
    const { cluster, fixes } = locked(
      nginx('type: LoadBalancer', { 'use-forwarded-headers': 'true' }),
      site(HOST, { ...NEW, [LIST]: '104.16.0.0/13' }),
      externalDns('v0.22.0'),
      nodeAt('10.0.0.4'),
    )
    const ingress = cluster.get(idOf('Ingress.networking.k8s.io', 'shop', 'web'))
    assert.equal(at(ingress?.body, 'metadata', 'annotations', LIST), undefined)
    assert.ok(fixes.some(({ id }) => id === 'origin-sources-edge-nginx'))
  })

  test('ports of nodes are closed by a policy only where the client’s address arrives', () => {
    const policies = (policy: string): readonly Fix[] =>
      locked(
        nginx(`type: NodePort, externalTrafficPolicy: ${policy}`),
        site(HOST, NEW),
        externalDns('v0.22.0'),
      ).fixes.filter(({ changes }) => changes[0]?.action === 'add')
    assert.deepEqual(policies('Cluster'), [])
    const [policy] = policies('Local')
    const spec = at(policy?.changes[0]?.object.body, 'spec')
    assert.deepEqual(at(spec, 'ingress', 0, 'ports'), [{ protocol: 'TCP', port: 443 }])
    assert.deepEqual(at(spec, 'ingress', 2), { ports: [{ protocol: 'TCP', port: 8443 }] })
    const { after } = locked(
      nginx('type: NodePort, externalTrafficPolicy: Local'),
      site(HOST, NEW),
      externalDns('v0.22.0'),
    )
    assert.equal(after, `${HOST} shared-provider`)
  })
})
