import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Front } from './front.ts'
import { SHIPPED_RANGES } from './ranges.ts'
import { cloudflared, externalDns, frontsIn, nginx, nodeAt, site } from './testing.ts'

const HOST = 'shop.example.com'
const PROXIED = { 'external-dns.kubernetes.io/cloudflare-proxied': 'true' }
const ranges = (provider: 'cloudflare' | 'fastly'): readonly string[] => SHIPPED_RANGES.get(provider)?.cidrs ?? []
const held = (...cidrs: readonly string[]): string =>
  `type: LoadBalancer, loadBalancerSourceRanges: ${JSON.stringify(cidrs)}`

function frontOf(...texts: readonly string[]): Front {
  const front = frontsIn(texts).get(HOST)
  assert.ok(front)
  return front
}

describe('who stands in front', () => {
  test('nobody, where nothing says so', () => {
    const front = frontOf(nginx(), site(HOST))
    assert.deepEqual([front.state, front.providers, front.around], ['none', [], []])
    assert.equal(front.doors.length, 1)
  })

  test('Cloudflare, by the annotation that external-dns reads, and the load balancer lets anyone in', () => {
    const front = frontOf(nginx(), site(HOST, PROXIED), externalDns('v0.22.0'))
    assert.deepEqual(front.providers, [{ provider: 'cloudflare', truth: 'yes' }])
    assert.equal(front.state, 'open')
    assert.deepEqual(
      front.around.map(({ kind, lets, leadsTo }) => [kind, lets.who, leadsTo]),
      [['load-balancer', 'anyone', 'controller']],
    )
  })

  test('perhaps, where the external-dns that would read the annotation is not in the input', () => {
    assert.deepEqual(frontOf(nginx(), site(HOST, PROXIED)).providers, [{ provider: 'cloudflare', truth: 'unknown' }])
  })

  test('by a flag for all names, but not for one that says no', () => {
    const dns = externalDns('v0.22.0', '--cloudflare-proxied')
    assert.equal(frontOf(nginx(), site(HOST), dns).providers[0]?.truth, 'yes')
    const no = { 'external-dns.kubernetes.io/cloudflare-proxied': 'false' }
    assert.equal(frontOf(nginx(), site(HOST, no), dns).state, 'none')
    // A controller that believes Cloudflare also serves names that lead to itself.
    const believing = nginx('type: LoadBalancer', { 'forwarded-for-header': 'CF-Connecting-IP' })
    assert.equal(frontOf(believing, site(HOST, no), dns).state, 'none')
    assert.equal(frontOf(believing, site(HOST)).providers[0]?.provider, 'cloudflare')
  })

  test('by a Helm release of external-dns whose annotation filter takes the object', () => {
    const release = (filter: string): string => `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: dns, namespace: dns}
spec:
  chartRef: {kind: OCIRepository, name: external-dns}
  values: {provider: {name: cloudflare}, extraArgs: [--cloudflare-proxied, "--annotation-filter=${filter}"]}`
    const own = site(HOST, { public: 'yes' })
    assert.equal(frontOf(nginx(), own, release('public=yes')).providers[0]?.truth, 'yes')
    assert.equal(frontOf(nginx(), own, release('public in (yes, maybe)')).providers[0]?.truth, 'yes')
    assert.equal(frontOf(nginx(), own, release('!public')).state, 'none')
    assert.equal(frontOf(nginx(), own, release('public=no')).state, 'none')
    assert.equal(frontOf(nginx(), own, release('public ~ yes')).providers[0]?.truth, 'unknown')
  })

  test('by settings of the real address: a header, or ranges', () => {
    const by = (settings: Readonly<Record<string, string>>): string | undefined =>
      frontOf(nginx('type: LoadBalancer', settings), site(HOST)).providers[0]?.provider
    assert.equal(by({ 'forwarded-for-header': 'CF-Connecting-IP' }), 'cloudflare')
    assert.equal(by({ 'forwarded-for-header': 'Fastly-Client-IP' }), 'fastly')
    assert.equal(by({ 'proxy-real-ip-cidr': '10.0.0.0/8, 130.176.0.0/18' }), 'cloudfront')
    assert.equal(by({ 'proxy-real-ip-cidr': '10.0.0.0/8' }), undefined)
    assert.equal(by({ 'proxy-real-ip-cidr': '0.0.0.0/0' }), undefined)
    assert.equal(by({ 'proxy-body-size': '104.16.0.0/13' }), undefined)
  })

  test('by the address that is published', () => {
    const published = (ip: string): Front =>
      frontOf(nginx(), `${site(HOST)}\nstatus: {loadBalancer: {ingress: [{ip: ${ip}}]}}`)
    assert.equal(published('104.16.1.1').providers[0]?.provider, 'cloudflare')
    assert.equal(published('198.51.100.1').state, 'none')
  })
})

describe('doors', () => {
  const cloudflare = ranges('cloudflare')

  test('an allowlist of the Ingress is asked about the edge while real-IP is off, and about the client once it is on', () => {
    const list = { 'nginx.ingress.kubernetes.io/allowlist-source-range': cloudflare.join(',') }
    const front = frontOf(nginx(), site(HOST, list), nodeAt('10.0.0.4'))
    assert.deepEqual(
      [front.state, front.doors[0]?.lets, front.evidence[0]?.by],
      ['shared-provider', { who: 'provider', provider: 'cloudflare' }, 'source-ranges'],
    )
    const wider = { 'nginx.ingress.kubernetes.io/allowlist-source-range': [...cloudflare, '198.51.100.0/24'].join(',') }
    assert.equal(frontOf(nginx(), site(HOST, wider), nodeAt('10.0.0.4')).state, 'none')
    const believing = { 'use-forwarded-headers': 'true', 'forwarded-for-header': 'CF-Connecting-IP' }
    assert.equal(frontOf(nginx('type: LoadBalancer', believing), site(HOST, list), nodeAt('10.0.0.4')).state, 'open')
    // Another Ingress with the same host and no list lets everybody in.
    const two = frontOf(nginx(), site(HOST, list), site(HOST, {}, 'other'), nodeAt('10.0.0.4'))
    assert.equal(two.state, 'none')
    // A list at the proxy does not guard the backend behind it.
    const second = `
apiVersion: v1
kind: Service
metadata: {name: direct, namespace: shop}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}`
    assert.equal(frontOf(nginx(), site(HOST, list), second, nodeAt('10.0.0.4')).state, 'open')
  })

  test('where only a prefix list of the cloud says who comes in, nobody knows who stands in front', () => {
    const service = nginx().replace(
      'metadata: {name: nginx, namespace: edge}\nspec: {selector',
      'metadata: {name: nginx, namespace: edge, annotations: {service.beta.kubernetes.io/aws-load-balancer-security-group-prefix-lists: pl-1}}\nspec: {selector',
    )
    const front = frontOf(service, site(HOST), nodeAt('10.0.0.4'))
    assert.equal(front.state, 'unknown')
    assert.match(front.because[0]?.text ?? '', /load balancer|prefix list/)
  })

  test('the provider’s ranges are all of its customers, never the owner’s own zone', () => {
    const front = frontOf(nginx(held(...cloudflare)), site(HOST), nodeAt('10.0.0.4'))
    assert.equal(front.state, 'shared-provider')
    assert.equal(front.providers[0]?.provider, 'cloudflare')
  })

  test('ports of nodes are not held to the ranges, unless no node has a public address', () => {
    for (const nodes of [[], [nodeAt('198.51.100.7')]]) {
      const front = frontOf(nginx(held(...cloudflare)), site(HOST), ...nodes)
      assert.equal(front.state, 'unknown')
      assert.deepEqual(
        front.around.map(({ kind, truth }) => [kind, truth]),
        [['node-port', 'unknown']],
      )
    }
    const none = `${held(...cloudflare)}, allocateLoadBalancerNodePorts: false`
    assert.equal(frontOf(nginx(none), site(HOST)).state, 'shared-provider')
  })

  test('a NetworkPolicy holds them where the client’s address arrives', () => {
    const policy = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: lock, namespace: edge}
spec:
  podSelector: {matchLabels: {app: nginx}}
  ingress: [{from: ${JSON.stringify(cloudflare.map((cidr) => ({ ipBlock: { cidr } })))}}]`
    const local = `${held(...cloudflare)}, externalTrafficPolicy: Local`
    assert.equal(frontOf(nginx(local), site(HOST), policy).state, 'shared-provider')
    assert.equal(
      frontOf(nginx(`${held(...cloudflare)}, externalTrafficPolicy: Cluster`), site(HOST), policy).state,
      'unknown',
    )
  })

  test('ranges beside those of the provider are a way around it', () => {
    const front = frontOf(nginx(held(...cloudflare, '198.51.100.0/24')), site(HOST), nodeAt('10.0.0.4'))
    assert.equal(front.state, 'open')
    assert.deepEqual(front.around[0]?.lets, { who: 'wider', provider: 'cloudflare', extra: ['198.51.100.0/24'] })
    // Private networks are nobody's on the internet.
    assert.equal(
      frontOf(nginx(held(...cloudflare, '10.0.0.0/8')), site(HOST), nodeAt('10.0.0.4')).state,
      'shared-provider',
    )
  })

  test('the ranges of another provider do not lock', () => {
    const front = frontOf(
      nginx(held(...ranges('fastly'))),
      site(HOST, PROXIED),
      externalDns('v0.22.0'),
      nodeAt('10.0.0.4'),
    )
    assert.equal(front.state, 'shared-provider')
    assert.deepEqual(front.providers.map(({ provider }) => provider).sort(), ['cloudflare', 'fastly'])
  })

  test('ranges of which no provider is known: name yours', () => {
    const front = frontOf(nginx(held('192.0.2.0/24')), site(HOST, PROXIED), externalDns('v0.22.0'), nodeAt('10.0.0.4'))
    assert.deepEqual([front.state, front.around], ['unknown', []])
    assert.match(front.because[0]?.text ?? '', /--ranges/)
  })

  test('a load balancer of the backend is a second door, whatever holds the first', () => {
    const second = (type: string): string => `
apiVersion: v1
kind: Service
metadata: {name: direct, namespace: shop}
spec: {type: ${type}, selector: {app: web}, ports: [{port: 8080}]}`
    const first = nginx(held(...cloudflare))
    const node = nodeAt('10.0.0.4')
    const front = frontOf(first, site(HOST), second('LoadBalancer'), node)
    assert.equal(front.state, 'open')
    assert.deepEqual(
      front.around.map(({ object, leadsTo }) => [object.name, leadsTo]),
      [['direct', 'backend']],
    )
    assert.equal(frontOf(first, site(HOST), second('ClusterIP'), node).state, 'shared-provider')
    assert.equal(frontOf(first, site(HOST), second('NodePort'), node).state, 'shared-provider')
    assert.equal(frontOf(first, site(HOST), second('NodePort')).state, 'unknown')
  })

  test('another proxy with a route to the same backend is one, too', () => {
    const traefik = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: traefik, namespace: edge}
spec:
  selector: {matchLabels: {app: traefik}}
  template:
    metadata: {labels: {app: traefik}}
    spec: {containers: [{name: c, image: "traefik:v3.7", ports: [{containerPort: 8443}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: traefik, namespace: edge}
spec: {type: LoadBalancer, selector: {app: traefik}, ports: [{port: 443, targetPort: 8443}]}
---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: other, namespace: shop}
spec: {routes: [{match: "Host(\`other.example.com\`)", services: [{name: web, port: 80}]}]}`
    const front = frontOf(nginx(held(...cloudflare)), site(HOST), traefik, nodeAt('10.0.0.4'))
    assert.equal(front.state, 'open')
    assert.deepEqual(
      front.around.map(({ object }) => object.name),
      ['traefik'],
    )
    assert.match(front.around[0]?.by ?? '', /IngressRoute\/shop\/other/)
  })

  test('a service tag of Azure stands for the edges of Front Door', () => {
    const tagged = nginx().replace(
      'metadata: {name: nginx, namespace: edge}\nspec: {selector',
      'metadata: {name: nginx, namespace: edge, annotations: {service.beta.kubernetes.io/azure-allowed-service-tags: AzureFrontDoor.Backend}}\nspec: {selector',
    )
    const front = frontOf(tagged, site(HOST), nodeAt('10.0.0.4'))
    assert.deepEqual([front.state, front.providers[0]?.provider], ['shared-provider', 'azure-front-door'])
  })

  test('a prefix list that only the cloud holds is unknown', () => {
    const listed = nginx().replace(
      'metadata: {name: nginx, namespace: edge}\nspec: {selector',
      'metadata: {name: nginx, namespace: edge, annotations: {service.beta.kubernetes.io/aws-load-balancer-security-group-prefix-lists: pl-1}}\nspec: {selector',
    )
    const front = frontOf(listed, site(HOST, PROXIED), externalDns('v0.22.0'), nodeAt('10.0.0.4'))
    assert.equal(front.state, 'unknown')
    assert.match(JSON.stringify(front.around[0]?.lets), /pl-1/)
  })
})

describe('locks', () => {
  const mutual = (verify: string): Readonly<Record<string, string>> => ({
    ...PROXIED,
    'nginx.ingress.kubernetes.io/auth-tls-secret': 'shop/origin-ca',
    'nginx.ingress.kubernetes.io/auth-tls-verify-client': verify,
  })

  test('a client certificate locks every door to the proxy, and none beside it', () => {
    assert.equal(frontOf(nginx(), site(HOST, mutual('on')), externalDns('v0.22.0')).state, 'locked')
    assert.equal(frontOf(nginx(), site(HOST, mutual('optional')), externalDns('v0.22.0')).state, 'open')
    const second = `
apiVersion: v1
kind: Service
metadata: {name: direct, namespace: shop}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 8080}]}`
    assert.equal(frontOf(nginx(), site(HOST, mutual('on')), externalDns('v0.22.0'), second).state, 'open')
  })

  test('a tunnel needs no load balancer: with one it is open', () => {
    const tunnel = cloudflared({ [HOST]: 'http://nginx.edge.svc.cluster.local:80' })
    const closed = frontOf(nginx('type: ClusterIP'), site(HOST), tunnel)
    assert.deepEqual([closed.state, closed.evidence[0]?.by], ['locked', 'tunnel'])
    assert.equal(frontOf(nginx(), site(HOST), tunnel).state, 'open')
    assert.equal(
      frontOf(nginx(), site(HOST), cloudflared({ 'other.example.com': 'http://nginx.edge:80' })).state,
      'none',
    )
  })

  test('a tunnel straight to a Service is a front without a route', () => {
    const direct = site(HOST).split('---').slice(0, 2).join('---')
    const fronts = frontsIn([direct, cloudflared({ '*.example.com': 'http://web.shop:80' })])
    assert.deepEqual(
      [...fronts].map(([host, { state }]) => [host, state]),
      [['*.example.com', 'locked']],
    )
    const open = `${direct.replace('spec: {selector', 'spec: {type: LoadBalancer, selector')}`
    assert.equal(
      frontsIn([open, cloudflared({ 'a.example.com': 'http://web.shop:80' })]).get('a.example.com')?.state,
      'open',
    )
  })

  test('a web ACL on the only load balancer is attached to it', () => {
    const alb = (annotations: Readonly<Record<string, string>>): string => `
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: ingress.k8s.aws/alb}
---
${site(HOST, { 'alb.ingress.kubernetes.io/scheme': 'internet-facing', ...annotations })}`
    const acl = { 'alb.ingress.kubernetes.io/wafv2-acl-arn': 'arn:aws:wafv2:eu-west-1:1:regional/webacl/a/b' }
    const attached = frontOf(alb(acl))
    assert.deepEqual([attached.state, attached.providers[0]?.provider], ['attached', 'aws-waf'])
    assert.equal(frontOf(alb({})).state, 'none')
    const second = `
apiVersion: v1
kind: Service
metadata: {name: direct, namespace: shop}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 8080}]}`
    assert.equal(frontOf(alb(acl), second).state, 'open')
  })

  test('a route that wants a header of the edge is locked; one rule without it opens it', () => {
    const gateway = (matches: string): readonly string[] => [
      site(HOST).split('---').slice(0, 2).join('---'),
      `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: shop}
spec: {gatewayClassName: gke-l7-global-external-managed, listeners: [{name: https, protocol: HTTPS, port: 443}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec: {parentRefs: [{name: public}], hostnames: [${HOST}], rules: ${matches}}`,
    ]
    const kept = '{matches: [{headers: [{name: X-Azure-FDID, value: abc}]}], backendRefs: [{name: web, port: 80}]}'
    const open = '{backendRefs: [{name: web, port: 80}]}'
    assert.equal(frontsIn(gateway(`[${kept}]`)).get(HOST)?.state, 'locked')
    assert.equal(frontsIn(gateway(`[${kept}, ${open}]`)).get(HOST)?.state, 'none')
  })
})

test('broken and hostile objects are judged, and never run away', () => {
  const deep = `${'['.repeat(2_000)}${']'.repeat(2_000)}`
  const annotations = {
    ['__proto__']: 'x',
    'constructor/cloudflare-proxied': 'true',
    'alb.ingress.kubernetes.io/mutual-authentication': deep,
    'external-dns.kubernetes.io/target': ','.repeat(50_000),
    'service.beta.kubernetes.io/load-balancer-source-ranges': 'x,'.repeat(100_000),
  }
  const fronts = frontsIn([
    nginx('type: LoadBalancer, loadBalancerSourceRanges: [null, 7, "not a cidr", "999.1.1.1/8"]', {
      'proxy-real-ip-cidr': `${'1'.repeat(200_000)}/`,
      'forwarded-for-header': 'constructor',
    }),
    site(HOST, annotations),
    cloudflared({ ['__proto__']: 'http://constructor.__proto__:1', '*': `http://${'a.'.repeat(5_000)}` }),
    externalDns('v99999.99999', `--annotation-filter=${'('.repeat(20_000)}`),
  ])
  assert.ok(fronts.get(HOST))
})
