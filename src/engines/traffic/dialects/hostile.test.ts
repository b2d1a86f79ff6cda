import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { at, type Json, type JsonObject } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { clusterOf } from '../../../cluster/testing.ts'
import type { Settings } from './dialect.ts'
import { DIALECTS } from './dialects.ts'
import { MOST_LIMITS } from './found.ts'

/** Every object may be written by an attacker: whatever stands in it, limits come back that are bounded and that hold together. */

const KINDS: readonly (readonly [group: string, kind: string])[] = [
  ['networking.k8s.io', 'Ingress'],
  ['', 'Service'],
  ['k8s.nginx.org', 'Policy'],
  ['k8s.nginx.org', 'VirtualServer'],
  ['gateway.nginx.org', 'RateLimitPolicy'],
  ['gateway.nginx.org', 'ClientSettingsPolicy'],
  ['gateway.envoyproxy.io', 'BackendTrafficPolicy'],
  ['gateway.envoyproxy.io', 'ClientTrafficPolicy'],
  ['gateway.networking.k8s.io', 'HTTPRoute'],
  ['networking.istio.io', 'EnvoyFilter'],
  ['networking.istio.io', 'DestinationRule'],
  ['networking.istio.io', 'VirtualService'],
  ['traefik.io', 'Middleware'],
  ['traefik.containo.us', 'Middleware'],
  ['configuration.konghq.com', 'KongPlugin'],
  ['projectcontour.io', 'HTTPProxy'],
  ['cilium.io', 'CiliumEnvoyConfig'],
  ['gateway.kgateway.dev', 'TrafficPolicy'],
  ['policy.linkerd.io', 'HTTPLocalRateLimitPolicy'],
  ['route.openshift.io', 'Route'],
  ['cloud.google.com', 'BackendConfig'],
  ['networking.gke.io', 'GCPBackendPolicy'],
  ['gateway.k8s.aws', 'LoadBalancerConfiguration'],
  ['alb.networking.azure.io', 'WebApplicationFirewallPolicy'],
]

const NAMES = [
  ...[
    'spec',
    'rateLimit',
    'local',
    'global',
    'rules',
    'limit',
    'requests',
    'unit',
    'clientSelectors',
    'sourceCIDR',
    'type',
    'value',
  ],
  ...[
    'headers',
    'name',
    'cost',
    'request',
    'from',
    'number',
    'shadowMode',
    'requestBuffer',
    'circuitBreaker',
    'maxConnections',
  ],
  ...[
    'timeout',
    'http',
    'requestTimeout',
    'connection',
    'connectionLimit',
    'configPatches',
    'patch',
    'token_bucket',
    'max_tokens',
  ],
  ...[
    'tokens_per_fill',
    'fill_interval',
    'descriptors',
    'entries',
    'key',
    'filter_enabled',
    'default_value',
    'numerator',
    'status',
  ],
  ...[
    'trafficPolicy',
    'connectionPool',
    'tcp',
    'subsets',
    'average',
    'period',
    'burst',
    'sourceCriterion',
    'ipStrategy',
    'depth',
  ],
  ...[
    'inFlightReq',
    'amount',
    'buffering',
    'maxRequestBodyBytes',
    'plugin',
    'config',
    'minute',
    'limit_by',
    'policy',
    'virtualhost',
  ],
  ...[
    'rateLimitPolicy',
    'routes',
    'timeoutPolicy',
    'response',
    'resources',
    'total',
    'identity',
    'overrides',
    'requestsPerSecond',
  ],
  ...[
    'rate',
    'zoneSize',
    'delay',
    'rejectCode',
    'upstreams',
    'client-max-body-size',
    'securityPolicy',
    'default',
    'tokenBucket',
  ],
  ...['__proto__', 'constructor', 'toString', 'length'],
]

const ANNOTATIONS = [
  ...[
    'limit-rps',
    'limit-rpm',
    'limit-connections',
    'limit-burst-multiplier',
    'limit-allowlist',
    'limit-rate',
    'proxy-body-size',
  ].map((name) => `nginx.ingress.kubernetes.io/${name}`),
  ...['global-rate-limit', 'proxy-read-timeout', 'configuration-snippet'].map(
    (name) => `nginx.ingress.kubernetes.io/${name}`,
  ),
  ...['limit-req-rate', 'limit-req-burst', 'limit-req-key', 'client-max-body-size', 'max-conns'].map(
    (name) => `nginx.org/${name}`,
  ),
  ...['rate-limit-requests', 'rate-limit-period', 'rate-limit-whitelist', 'pod-maxconn'].map(
    (name) => `haproxy.org/${name}`,
  ),
  ...['limit-rps', 'limit-whitelist', 'proxy-body-size'].map((name) => `haproxy-ingress.github.io/${name}`),
  ...['rate-limit-connections', 'rate-limit-connections.rate-http', 'timeout'].map(
    (name) => `haproxy.router.openshift.io/${name}`,
  ),
  ...[
    'konghq.com/read-timeout',
    'projectcontour.io/max-connections',
    'alb.ingress.kubernetes.io/load-balancer-attributes',
  ],
  ...['__proto__', 'constructor'],
]

const TEXTS = [
  ...[
    '0',
    '-1',
    '10',
    '10r/s',
    '0r/m',
    '1m',
    '8k',
    '1Mi',
    '999999999999999999999',
    '1e308',
    'NaN',
    '',
    ' ',
    'true',
    'on',
    'none',
  ],
  ...[
    '10.0.0.0/8',
    '0.0.0.0/0',
    '::/0',
    'Second',
    'Distinct',
    'Number',
    'ip',
    'rate-limiting',
    'infinity',
    '$binary_remote_addr',
  ],
  ...['a'.repeat(5000), '9'.repeat(5000), '1s'.repeat(5000), '('.repeat(2000), '\u0000', '${${${'],
]

const text = fc.oneof(fc.constantFrom(...TEXTS), fc.string())
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom<Json>(null, true, false, 0, -1, 1, 0.5, 100, 2 ** 53, 1e308),
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 6 }),
  ),
}))

const object: fc.Arbitrary<KubeObject> = fc
  .tuple(
    fc.constantFrom(...KINDS),
    value,
    fc.dictionary(fc.constantFrom(...NAMES), value),
    fc.dictionary(fc.constantFrom(...ANNOTATIONS), fc.oneof(text, value)),
  )
  .map(([[group, kind], spec, rest, annotations]) => {
    const body = { ...rest, spec, metadata: { name: 'x', annotations } } as unknown as JsonObject
    return { id: `${kind}/a/x`, group, version: 'v1', kind, namespace: 'a', name: 'x', body }
  })

const settings: fc.Arbitrary<Settings> = fc.record(
  {
    values: fc
      .dictionary(
        fc.constantFrom(
          'limit-conn-zone-variable',
          'proxy-body-size',
          'keep-alive',
          'rate-limit-requests',
          'max_connections',
        ),
        text,
      )
      .map(said),
    flags: fc
      .dictionary(
        fc.constantFrom('annotations-prefix', 'enable-annotation-validation', 'providers.kubernetesingressnginx'),
        text,
      )
      .map(said),
    seen: fc.boolean(),
    version: text,
  },
  { requiredKeys: ['values', 'flags', 'seen'] },
)

function said(all: Readonly<Record<string, string>>): Settings['values'] {
  return new Map(Object.entries(all).map(([name, each]) => [name, { value: each, because: { text: name } }]))
}

describe('hostile objects and settings', () => {
  const cluster = clusterOf('{apiVersion: v1, kind: Namespace, metadata: {name: a}}')

  test('every dialect answers, in bounds, with numbers that are numbers and reasons that exist', () => {
    let limits = 0
    fc.assert(
      fc.property(object, settings, (each, set) => {
        for (const dialect of DIALECTS) {
          for (const source of [each, undefined]) {
            const found = dialect.read(source, set, cluster)
            limits += found.length
            assert.ok(found.length <= MOST_LIMITS + 1)
            for (const { limit, because, inert, unknown } of found) {
              for (const number of [
                limit.rate,
                limit.period,
                limit.burst,
                limit.connections,
                limit.body,
                limit.seconds,
                limit.bytesPerSecond,
              ])
                assert.ok(number === undefined || Number.isFinite(number), JSON.stringify(limit))
              assert.ok(JSON.stringify(limit).length < 10_000)
              assert.ok(because.every((reason) => reason.text.length < 500))
              if (!inert && !unknown)
                assert.ok(limit.kind !== 'requests' || (limit.rate ?? -1) >= 0, JSON.stringify(limit))
              if (source)
                assert.notEqual(at(source.body, ...(because[0]?.path ?? ['no path'])), undefined, dialect.product)
            }
          }
        }
      }),
      { numRuns: 1500 },
    )
    assert.ok(limits > 10_000, `only ${limits} limits were found`)
  })

  test('long lists, deep trees and long texts cost little', () => {
    let deep: Json = {}
    for (let depth = 0; depth < 5000; depth++) deep = { value: deep }
    const filters: Json = { configPatches: [deep, Array.from({ length: 200_000 }, () => ({ token_bucket: {} }))] }
    const networks = Array.from({ length: 300_000 }, () => '10.0.0.1').join(',')
    const annotations = {
      'nginx.ingress.kubernetes.io/limit-rps': '1',
      'nginx.ingress.kubernetes.io/limit-allowlist': networks,
    }
    const started = process.cpuUsage().user
    for (const dialect of DIALECTS)
      for (const [group, kind] of KINDS) {
        const body = { metadata: { name: 'x', annotations }, spec: filters }
        const found = dialect.read(
          { id: 'x', group, version: 'v1', kind, namespace: 'a', name: 'x', body },
          { values: new Map(), flags: new Map(), seen: true },
          cluster,
        )
        assert.ok(found.length <= MOST_LIMITS + 1)
      }
    const seconds = (process.cpuUsage().user - started) / 1e6
    assert.ok(seconds < 10, `${seconds} CPU seconds`)
  })
})
