import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at, type Json } from '../../cluster/json.ts'
import { connection } from '../../engines/network/connection.ts'
import { networkModel } from '../../engines/network/model.ts'
import { admitsPort } from '../../engines/network/ports.ts'
import { type Manifest, made, namespace, policy, service, workload } from '../../engines/network/testing.ts'
import { isolate } from './isolate.ts'
import { contextOf, recorded, type World, worldOf } from './testing.ts'

const text = (...manifests: readonly Manifest[]): string =>
  manifests.map((each) => JSON.stringify(each)).join('\n---\n')

const specOf = (of: World, id: string): Json | undefined => at(of.fix(id).changes[0]?.object.body, 'spec')

function reaches(of: World, from: string, to: string, port: number): boolean {
  const model = networkModel(of.analysis.cluster)
  return admitsPort(
    connection(model, { workload: `Deployment/${from}` }, { workload: `Deployment/${to}` }).ports,
    'TCP',
    port,
  )
}

const env = (name: string, value: string): Manifest => ({
  spec: { containers: [{ name: 'main', image: 'main', env: [{ name, value }] }] },
})
const web = [
  namespace('web'),
  workload('web/front', env('API_URL', 'http://api:80')),
  workload('web/api', { ports: [8080] }),
  workload('web/other', { ports: [9000] }),
  service('web/api', { ports: [{ port: 80, targetPort: 8080 }] }),
]

describe('from declared dependencies', () => {
  const before = worldOf(text(...web), isolate)

  test('whoever declares it gets in, at the port of the pod; whoever does not stays out', () => {
    const after = before.after('isolate-web-api')
    assert.deepEqual(at(specOf(before, 'isolate-web-api'), 'ingress'), [
      { from: [{ podSelector: { matchLabels: { app: 'front' } } }], ports: [{ protocol: 'TCP', port: 8080 }] },
    ])
    assert.ok(reaches(after, 'web/front', 'web/api', 8080))
    assert.ok(!reaches(after, 'web/front', 'web/api', 80))
    assert.ok(!reaches(after, 'web/other', 'web/api', 8080))
    assert.ok(before.fix('isolate-web-api').notes.some((note) => note.includes('no traffic was recorded')))
    assert.deepEqual(before.fix('isolate-web-api').around, ['Deployment/web/api'])
  })

  test('the caller is let out to it, to DNS, and to the internet, and to no other pod', () => {
    const after = before.after('isolate-web-front')
    assert.ok(reaches(after, 'web/front', 'web/api', 8080))
    assert.ok(!reaches(after, 'web/front', 'web/other', 9000))
    const egress = JSON.stringify(at(specOf(before, 'isolate-web-front'), 'egress'))
    assert.ok(egress.includes('"k8s-app":"kube-dns"') && egress.includes('169.254.20.10/32'))
    assert.ok(egress.includes('"cidr":"0.0.0.0/0","except":["10.0.0.0/8"'))
  })

  test('all workloads of an application are one fix, and nothing is proposed twice', () => {
    const part = { metadata: { labels: { 'app.kubernetes.io/part-of': 'shop' } } }
    const labelled = web.map((each) => {
      if (each.kind !== 'Deployment') return each
      const metadata = { ...(each.metadata as Manifest), ...part.metadata }
      return { ...each, metadata }
    })
    const whole = worldOf(text(...labelled), isolate)
    const fix = whole.fix('isolate-web-shop-application')
    assert.equal(fix.changes.length, 3)
    assert.deepEqual(whole.after(fix.id).fixes, [])
  })

  test('a workload whose address is in a Secret is not isolated for egress', () => {
    const secret = {
      spec: {
        containers: [
          {
            name: 'main',
            image: 'main',
            env: [{ name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: 'db', key: 'url' } } }],
          },
        ],
      },
    }
    const hidden = worldOf(text(namespace('web'), workload('web/front', secret)), isolate)
    assert.deepEqual(at(specOf(hidden, 'isolate-web-front'), 'policyTypes'), ['Ingress'])
    assert.ok(hidden.fix('isolate-web-front').notes.some((note) => note.startsWith('egress stays open')))
  })
})

describe('callers that are no pods', () => {
  test('what a load balancer or a webhook leads to admits everyone on that port alone', () => {
    const hook = made('/hooks', 'admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', {
      webhooks: [{ name: 'a', clientConfig: { service: { namespace: 'web', name: 'other' } } }],
    })
    const of = worldOf(
      text(
        ...web.slice(0, 4),
        service('web/api', { type: 'LoadBalancer', ports: [{ port: 80, targetPort: 8080 }] }),
        service('web/other', { ports: [{ port: 443, targetPort: 9443 }] }),
        hook,
      ),
      isolate,
    )
    // Who declares it is among everyone.
    assert.deepEqual(at(specOf(of, 'isolate-web-api'), 'ingress'), [{ ports: [{ protocol: 'TCP', port: 8080 }] }])
    assert.deepEqual(at(specOf(of, 'isolate-web-other'), 'ingress'), [{ ports: [{ protocol: 'TCP', port: 9443 }] }])
  })

  test('an Ingress admits its proxy, where that is in the input', () => {
    const ingress = made('web/api', 'networking.k8s.io/v1', 'Ingress', {
      spec: {
        ingressClassName: 'nginx',
        rules: [{ http: { paths: [{ backend: { service: { name: 'api', port: { number: 80 } } } }] } }],
      },
    })
    const proxy = workload('edge/nginx', {
      spec: { containers: [{ name: 'c', image: 'registry.k8s.io/ingress-nginx/controller:v1' }] },
    })
    const of = worldOf(text(...web, namespace('edge'), proxy, ingress), isolate)
    const rules = JSON.stringify(at(specOf(of, 'isolate-web-api'), 'ingress'))
    assert.ok(rules.includes('"kubernetes.io/metadata.name":"edge"') && rules.includes('"app":"nginx"'), rules)
    assert.ok(reaches(of.after('isolate-web-api'), 'edge/nginx', 'web/api', 8080))
  })
})

describe('routes', () => {
  const route = made('web/api', 'gateway.networking.k8s.io/v1', 'HTTPRoute', {
    spec: { parentRefs: [{ name: 'gate' }], rules: [{ backendRefs: [{ name: 'api', port: 80 }] }] },
  })
  const everyone = [{ ports: [{ protocol: 'TCP', port: 8080 }] }]

  test('what a route leads to stays reachable, be its proxy inside or not', () => {
    const internal = made('web/api', 'networking.k8s.io/v1', 'Ingress', {
      spec: { ingressClassName: 'gce-internal', defaultBackend: { service: { name: 'api', port: { number: 80 } } } },
    })
    for (const each of [route, internal])
      assert.deepEqual(at(specOf(worldOf(text(...web, each), isolate), 'isolate-web-api'), 'ingress'), everyone)
  })

  test('recorded callers tell an unknown proxy', () => {
    const of = worldOf(text(...web, route), isolate, recorded('web/other > web/api TCP 8080'))
    assert.deepEqual(at(specOf(of, 'isolate-web-api'), 'ingress', 0, 'from'), [
      { podSelector: { matchLabels: { app: 'other' } } },
      { podSelector: { matchLabels: { app: 'front' } } },
    ])
    const quiet = worldOf(text(...web, route), isolate, recorded())
    assert.deepEqual(at(specOf(quiet, 'isolate-web-api'), 'ingress'), everyone)
  })

  test('an internal load balancer does too', () => {
    const balanced = service(
      'web/api',
      { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [{ port: 80, targetPort: 8080 }] },
      { annotations: { 'networking.gke.io/load-balancer-type': 'Internal' } },
    )
    const of = worldOf(text(...web.slice(0, 4), balanced), isolate)
    assert.deepEqual(at(specOf(of, 'isolate-web-api'), 'ingress'), everyone)
  })
})

describe('what discovers its targets', () => {
  const scraped = workload('web/api', { ports: [8080] })
  const annotated = {
    ...scraped,
    spec: {
      template: {
        ...(at(scraped, 'spec', 'template') as Manifest),
        metadata: {
          labels: { app: 'api' },
          annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9100' },
        },
      },
    },
  }

  test('is admitted to metrics, and is left its ways out', () => {
    const collector = workload('ops/prom', {
      spec: { containers: [{ name: 'p', image: 'quay.io/prometheus/prometheus:v3' }] },
    })
    const of = worldOf(text(namespace('web'), namespace('ops'), annotated, collector), isolate)
    const rules = JSON.stringify(at(specOf(of, 'isolate-web-api'), 'ingress'))
    assert.ok(rules.includes('"app":"prom"') && rules.includes('9100'), rules)
    assert.deepEqual(at(specOf(of, 'isolate-ops-prom'), 'policyTypes'), ['Ingress'])
  })

  test('a mesh is left its ways: sidecars out, tunnels and the calls of its control plane in', () => {
    const types = (labels: Manifest): unknown =>
      worldOf(text(namespace('web', labels), workload('web/a')), isolate).fixes.map((fix) =>
        at(fix.changes[0]?.object.body, 'spec', 'policyTypes'),
      )
    assert.deepEqual(types({ 'istio-injection': 'enabled' }), [['Ingress']])
    assert.deepEqual(types({ 'istio.io/dataplane-mode': 'ambient' }), [])
    const istiod = worldOf(text(namespace('istio-system'), workload('istio-system/istiod')), isolate)
    assert.deepEqual(at(specOf(istiod, 'isolate-istio-system-istiod'), 'policyTypes'), ['Egress'])
  })
})

describe('the API server', () => {
  const account = (rights: boolean): Manifest[] => [
    made('web/reader', 'v1', 'ServiceAccount', {}),
    made('web/reader', 'rbac.authorization.k8s.io/v1', 'Role', {
      rules: rights ? [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] : [],
    }),
    made('web/reader', 'rbac.authorization.k8s.io/v1', 'RoleBinding', {
      roleRef: { kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: 'web' }],
    }),
    workload('web/tool', { spec: { serviceAccountName: 'reader', containers: [{ name: 'm', image: 'm' }] } }),
  ]
  const endpoints = made('default/kubernetes', 'v1', 'Endpoints', {
    subsets: [{ addresses: [{ ip: '172.18.0.2' }], ports: [{ port: 6443 }] }],
  })
  const egress = (...manifests: readonly Manifest[]): string =>
    JSON.stringify(at(specOf(worldOf(text(namespace('web'), ...manifests), isolate), 'isolate-web-tool'), 'egress'))

  test('is left to a workload whose mounted token has rights, at its endpoints', () => {
    assert.ok(egress(...account(true), endpoints).includes('"cidr":"172.18.0.2/32"'))
    assert.ok(!egress(...account(false), endpoints).includes('172.18.0.2'))
  })

  test('is anywhere on its usual ports where its endpoints are not known', () => {
    assert.match(
      egress(...account(true)),
      /"0\.0\.0\.0\/0"\}\},\{"ipBlock":\{"cidr":"::\/0"\}\}\],"ports":\[\{"protocol":"TCP","port":443\},/,
    )
  })

  test('recorded use opens it too', () => {
    const used = recorded('web/api > api TCP 6443')
    const of = worldOf(text(...web, endpoints), isolate, used)
    assert.ok(JSON.stringify(at(specOf(of, 'isolate-web-api'), 'egress')).includes('172.18.0.2/32'))
  })
})

describe('policies that there are', () => {
  const deny = policy('web/deny', { podSelector: {}, policyTypes: ['Ingress'] })

  test('a direction that one isolates is left alone: a rule would widen it', () => {
    const of = worldOf(text(...web, deny), isolate)
    for (const fix of of.fixes) {
      for (const { object } of fix.changes) assert.deepEqual(at(object.body, 'spec', 'policyTypes'), ['Egress'])
    }
    assert.ok(!reaches(of.after('isolate-web-api'), 'web/front', 'web/api', 8080))
    const both = policy('web/both', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
    assert.deepEqual(worldOf(text(...web, both), isolate).fixes, [])
  })

  test('those of Cilium isolate too', () => {
    const cilium = made('web/deny', 'cilium.io/v2', 'CiliumNetworkPolicy', {
      spec: { endpointSelector: {}, ingress: [] },
    })
    for (const { changes } of worldOf(text(...web, cilium), isolate).fixes)
      for (const { object } of changes) assert.deepEqual(at(object.body, 'spec', 'policyTypes'), ['Egress'])
  })

  test('a name that is taken is not taken again', () => {
    const taken = policy('web/bulkhead-api', { podSelector: { matchLabels: { app: 'none' } } })
    const of = worldOf(text(...web, taken), isolate)
    assert.equal(of.fix('isolate-web-api').changes[0]?.object.name, 'bulkhead-api-ingress-egress')
  })

  test('none is proposed where nothing enforces them, and none for pods on their node’s network', () => {
    const { analysis } = worldOf(text(...web), isolate)
    assert.deepEqual([...isolate.propose(contextOf(analysis, undefined, 'no'))], [])
    const host = workload('web/agent', { spec: { hostNetwork: true, containers: [{ name: 'm', image: 'm' }] } })
    assert.deepEqual(worldOf(text(namespace('web'), host), isolate).fixes, [])
  })
})

describe('selectors', () => {
  const versions = (...more: readonly Manifest[]): World =>
    worldOf(
      text(
        namespace('web'),
        workload('web/one', { labels: { app: 'reviews', version: 'v1', 'pod-template-hash': 'x' } }),
        workload('web/two', { labels: { app: 'reviews', version: 'v2' } }),
        ...more,
      ),
      isolate,
    )

  test('labels are added until they select exactly the one', () => {
    assert.deepEqual(at(specOf(versions(), 'isolate-web-one'), 'podSelector', 'matchLabels'), { version: 'v1' })
  })

  test('where no label tells two apart there is no policy', () => {
    const twin = workload('web/three', { labels: { app: 'reviews', version: 'v2' } })
    assert.deepEqual(
      versions(twin).fixes.map(({ id }) => id),
      ['isolate-web-one'],
    )
  })

  test('two workloads of one name are told apart', () => {
    const of = worldOf(
      text(
        namespace('web'),
        workload('web/db', { labels: { app: 'a' } }),
        workload('web/db', { labels: { app: 'b' }, kind: 'StatefulSet' }),
      ),
      isolate,
    )
    const names = of.fixes.map(({ changes }) => changes[0]?.object.name)
    assert.deepEqual(names.slice(0, 2), ['bulkhead-db-deployment', 'bulkhead-db-statefulset'])
    assert.equal(new Set(of.fixes.map(({ id }) => id)).size, of.fixes.length)
  })
})

describe('callers that only images name', () => {
  const served = [
    namespace('web'),
    namespace('other'),
    workload('web/page', { ports: [9080] }),
    workload('web/details', { ports: [9080] }),
    workload('web/batch'),
    workload('other/tool'),
    service('web/details', { ports: [{ port: 80, targetPort: 9080 }] }),
  ]
  const of = worldOf(text(...served), isolate)

  test('a Service that nobody is declared to call admits its own namespace, on what it leads to', () => {
    assert.deepEqual(at(specOf(of, 'isolate-web-details'), 'ingress'), [
      { from: [{ podSelector: {} }], ports: [{ protocol: 'TCP', port: 9080 }] },
    ])
    assert.ok(of.fix('isolate-web-details').notes.some((note) => note.includes('Service web/details')))
    const after = of.after('isolate-web-details')
    assert.ok(reaches(after, 'web/page', 'web/details', 9080))
    assert.ok(!reaches(after, 'web/page', 'web/details', 22))
    assert.ok(!reaches(after, 'other/tool', 'web/details', 9080))
    assert.deepEqual(at(specOf(of, 'isolate-web-batch'), 'ingress'), [])
  })

  test('who is declared to call nothing is let out to it', () => {
    const after = of.after('isolate-web-page')
    assert.ok(reaches(after, 'web/page', 'web/details', 9080))
    assert.ok(!reaches(after, 'web/page', 'other/tool', 9080))
    assert.ok(of.fix('isolate-web-page').notes.some((note) => note.includes('declared to call nothing')))
    assert.ok(!of.fix('isolate-other-tool').notes.some((note) => note.includes('declared to call nothing')))
  })

  test('who collects metrics is not who it is there for', () => {
    const scraped = workload('web/details', { ports: [9080] })
    const template = at(scraped, 'spec', 'template') as Manifest
    const annotations = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9080' }
    const annotated = {
      ...scraped,
      spec: {
        ...(scraped.spec as Manifest),
        template: { ...template, metadata: { ...(template.metadata as Manifest), annotations } },
      },
    }
    const after = worldOf(text(...served.filter((each) => each !== served[3]), annotated), isolate)
    assert.ok(reaches(after.after('isolate-web-details'), 'web/page', 'web/details', 9080))
  })
})

test('a policy beside a workload that is placed by -n names no namespace', () => {
  const placed = workload('default/front')
  const { namespace: _, ...metadata } = placed.metadata as Manifest
  for (const [each, expected] of [
    [placed, { name: 'bulkhead-front', namespace: 'default' }],
    [{ ...placed, metadata }, { name: 'bulkhead-front' }],
  ] as const)
    assert.deepEqual(
      worldOf(text(each), isolate).fix('isolate-default-front').changes[0]?.object.body.metadata,
      expected,
    )
})
