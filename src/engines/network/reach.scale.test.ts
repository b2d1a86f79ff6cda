import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '../../cluster/json.ts'
import { networkEngine } from './network.ts'
import { cluster, contacts, edgesOf, type Manifest, NOTHING_KNOWN, namespace, policy, workload } from './testing.ts'

/** Counts, never times: what would be quadratic in the workloads must not be. */

const app = (name: string): Json => ({ podSelector: { matchLabels: { app: name } } })
const dns = {
  to: [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ns0' } },
      podSelector: { matchLabels: { app: 'app0' } },
    },
  ],
  ports: [{ port: 53, protocol: 'UDP' }],
}

/** Namespaces of 20 workloads; half of them have 20 policies each. */
function typical(namespaces: number): Manifest[] {
  return Array.from({ length: namespaces }, (_, index) => index).flatMap((index) => {
    const name = `ns${index}`
    const workloads = Array.from({ length: 20 }, (_, number) =>
      workload(`${name}/app${number}`, { ports: [8080 + (number % 3)] }),
    )
    if (index % 2 === 1) return [namespace(name), ...workloads]
    const own = Array.from({ length: 17 }, (_, number) =>
      policy(`${name}/p${number}`, {
        podSelector: { matchLabels: { app: `app${number}` } },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from: [app(`app${number + 1}`)], ports: [{ port: 8080, endPort: 8082 }] }],
        egress: [{ to: [app(`app${number + 2}`)], ports: [{ port: 8080 + (number % 3) }] }],
      }),
    )
    const shared = [
      policy(`${name}/deny`, { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }),
      policy(`${name}/dns`, { podSelector: {}, policyTypes: ['Egress'], egress: [dns] }),
      policy(`${name}/same`, { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] }),
    ]
    return [namespace(name), ...workloads, ...own, ...shared]
  })
}

test('typical clusters: edges grow with the workloads', () => {
  const [small, large] = [20, 80].map((namespaces) => edgesOf(cluster(...typical(namespaces))).length)
  assert.ok(
    small !== undefined && large !== undefined && large < 4.4 * small,
    `${small} edges of 400 workloads, ${large} of 1,600`,
  )
  assert.ok(small !== undefined && small < 6 * 400)
})

const one = (count: number, ports: (number: number) => number): Manifest[] => [
  namespace('big'),
  ...Array.from({ length: count }, (_, number) => workload(`big/app${number}`, { ports: [ports(number)] })),
]

test('one namespace of 2,000 workloads with 500 policies from app to app', () => {
  const policies = Array.from({ length: 500 }, (_, number) => {
    const other = { podSelector: { matchLabels: { app: `app${number + 700}` } } }
    const ports = [{ port: 8080 }]
    const rules =
      number % 2 === 0
        ? { policyTypes: ['Ingress'], ingress: [{ from: [other], ports }] }
        : { policyTypes: ['Egress'], egress: [{ to: [other], ports }] }
    return policy(`big/p${number}`, { podSelector: { matchLabels: { app: `app${number}` } }, ...rules })
  })
  const edges = edgesOf(cluster(...one(2000, () => 8080), ...policies))
  assert.ok(edges.filter(({ kind }) => kind === 'connects').length <= 510)
  assert.ok(edges.length < 3 * 2000)
})

test('everyone to everyone, on as many ports as there are policies', () => {
  const policies = Array.from({ length: 200 }, (_, number) =>
    policy(`big/p${number}`, {
      podSelector: { matchLabels: { app: `app${number}` } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: [{ port: 8000 + ((number * 7) % 200) }] }],
      egress: [{ ports: [{ port: 8000 + number }] }],
    }),
  )
  const of = cluster(...one(400, (number) => 8000 + (number % 200)), ...policies)
  const edges = edgesOf(of)
  assert.ok(edges.filter(({ kind }) => kind === 'connects').length < 6 * 200)
  assert.ok(edges.length < 8 * 400)
  assert.deepEqual(contacts(edges).get('Deployment/big/app7 Deployment/big/app207'), { yes: 0.1, any: 0.1 })
  assert.deepEqual(contacts(edges).get('Deployment/big/app7 Deployment/big/app208'), { yes: 0.02, any: 0.02 })
})

test('policies that no two workloads share are not told apart beyond a limit, and that is said', () => {
  const allBut = (number: number): Json => ({
    podSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: [`app${number}`] }] },
  })
  const policies = Array.from({ length: 340 }, (_, number) =>
    policy(`big/p${number}`, {
      podSelector: { matchLabels: { app: `app${number}` } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [allBut(number + 1)] }],
      egress: [{ to: [allBut(number)] }],
    }),
  )
  const of = cluster(...one(340, () => 80), ...policies)
  const edges = edgesOf(of)
  assert.ok(edges.length < 110_000)
  assert.ok(
    edges.some(
      ({ kind, truth, from }) => kind === 'connects' && truth === 'unknown' && from.includes('nodes and namespace big'),
    ),
  )
  assert.ok([...networkEngine().unknowns(of, NOTHING_KNOWN)].some(({ id }) => id === 'network-too-many-policies'))
})
