import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { at, field, isObject, type Json, list, string, strings } from '../../cluster/json.ts'
import { connection } from './connection.ts'
import { networkModel } from './model.ts'
import { admitsPort, isProtocol } from './ports.ts'
import { cluster, contacts, edgesOf, type Manifest, namespace, pod, policy } from './testing.ts'

/** The engine against a model that asks for each packet of each two pods, straight from the text of the API. */

interface World {
  readonly namespaces: readonly Manifest[]
  readonly pods: readonly Manifest[]
  readonly policies: readonly Manifest[]
}

const PACKETS = ['TCP 53', 'TCP 80', 'TCP 8080', 'UDP 53', 'UDP 8080', 'SCTP 80'].map((each) => {
  const [protocol = '', port] = each.split(' ')
  return { protocol, port: Number(port) }
})

function labelsMatch(selector: Json | undefined, labels: Json | undefined): boolean {
  const wanted = Object.entries((field(selector, 'matchLabels') ?? {}) as Manifest)
  if (!wanted.every(([key, value]) => field(labels, key) === value)) return false
  return list(field(selector, 'matchExpressions')).every((each) => {
    const label = string(field(labels, string(field(each, 'key')) ?? ''))
    const values = strings(field(each, 'values'))
    if (field(each, 'operator') === 'In') return label !== undefined && values.includes(label)
    if (field(each, 'operator') === 'NotIn') return label === undefined || !values.includes(label)
    return (field(each, 'operator') === 'Exists') === (label !== undefined)
  })
}

const name = (body: Json): string => string(at(body, 'metadata', 'name')) ?? ''
const namespaceOf = (body: Json): string => string(at(body, 'metadata', 'namespace')) ?? ''

function inBlock(address: string, cidr: string): boolean {
  const bits = Number(cidr.split('/')[1])
  const number = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  return (
    Math.floor(number(address) / 2 ** (32 - bits)) === Math.floor(number(cidr.split('/')[0] ?? '') / 2 ** (32 - bits))
  )
}

function peerMatches(peer: Json, own: string, other: Json, world: World): boolean {
  const block = field(peer, 'ipBlock')
  if (isObject(block)) {
    const address = string(at(other, 'status', 'podIP')) ?? ''
    return (
      inBlock(address, string(field(block, 'cidr')) ?? '') &&
      !strings(field(block, 'except')).some((each) => inBlock(address, each))
    )
  }
  if (at(other, 'spec', 'hostNetwork') === true) return false
  const spaces = field(peer, 'namespaceSelector')
  const space = world.namespaces.find((each) => name(each) === namespaceOf(other))
  const labels = {
    ...(at(space, 'metadata', 'labels') as Manifest | undefined),
    'kubernetes.io/metadata.name': namespaceOf(other),
  }
  const inside = spaces === undefined ? namespaceOf(other) === own : labelsMatch(spaces, labels)
  return inside && labelsMatch(field(peer, 'podSelector') ?? {}, at(other, 'metadata', 'labels'))
}

function portMatches(rule: Json, receiver: Json, protocol: string, port: number): boolean {
  const ports = list(field(rule, 'ports'))
  if (ports.length === 0) return true
  return ports.some((each) => {
    if ((field(each, 'protocol') ?? 'TCP') !== protocol) return false
    const wanted = field(each, 'port')
    if (wanted === undefined) return true
    if (typeof wanted === 'number')
      return port >= wanted && port <= ((field(each, 'endPort') as number | undefined) ?? wanted)
    const own = list(at(receiver, 'spec', 'containers')).flatMap((container) => list(field(container, 'ports')))
    return own.some(
      (each) =>
        field(each, 'name') === wanted &&
        field(each, 'containerPort') === port &&
        (field(each, 'protocol') ?? 'TCP') === protocol,
    )
  })
}

function admits(
  direction: 'ingress' | 'egress',
  self: Json,
  other: Json,
  receiver: Json,
  protocol: string,
  port: number,
  world: World,
): boolean {
  if (at(self, 'spec', 'hostNetwork') === true) return true
  const selecting = world.policies.filter((each) => {
    const types = at(each, 'spec', 'policyTypes')
    const applies = types
      ? strings(types).includes(direction === 'ingress' ? 'Ingress' : 'Egress')
      : direction === 'ingress' || list(at(each, 'spec', 'egress')).length > 0
    return (
      applies &&
      namespaceOf(each) === namespaceOf(self) &&
      labelsMatch(at(each, 'spec', 'podSelector'), at(self, 'metadata', 'labels'))
    )
  })
  if (selecting.length === 0) return true
  return selecting.some((each) =>
    list(at(each, 'spec', direction)).some((rule) => {
      const peers = list(field(rule, direction === 'ingress' ? 'from' : 'to'))
      const known = peers.length === 0 || peers.some((peer) => peerMatches(peer, namespaceOf(each), other, world))
      return known && portMatches(rule, receiver, protocol, port)
    }),
  )
}

const label = fc.constantFrom('a', 'b', 'c')
const some = <T>(arbitrary: fc.Arbitrary<T>, maxLength: number): fc.Arbitrary<T[]> => fc.array(arbitrary, { maxLength })
const optional = <T extends Json>(key: string, value: fc.Arbitrary<T>): fc.Arbitrary<Manifest> =>
  fc.oneof(
    fc.constant({}),
    value.map((each) => ({ [key]: each }) as Manifest),
  )
const merged = (...parts: readonly fc.Arbitrary<Manifest>[]): fc.Arbitrary<Manifest> =>
  fc.tuple(...parts).map((each) => Object.assign({}, ...each) as Manifest)

const expression = fc
  .tuple(fc.constantFrom('app', 'tier', 'team'), fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist'), label)
  .map(
    ([key, operator, value]): Json => ({
      key,
      operator,
      ...(operator === 'In' || operator === 'NotIn' ? { values: [value] } : {}),
    }),
  )
const podSelector: fc.Arbitrary<Manifest> = fc.oneof(
  fc.constant({}),
  label.map((app) => ({ matchLabels: { app } })),
  expression.map((each) => ({ matchExpressions: [each] })),
)
const namespaceSelector: fc.Arbitrary<Manifest> = fc.oneof(
  fc.constant({}),
  fc.constantFrom('x', 'y', 'z').map((each) => ({ matchLabels: { 'kubernetes.io/metadata.name': each } })),
  label.map((team) => ({ matchLabels: { team } })),
  expression.map((each) => ({ matchExpressions: [each] })),
)
const block: fc.Arbitrary<Manifest> = fc.constantFrom(
  { cidr: '0.0.0.0/0' },
  { cidr: '0.0.0.0/0', except: ['10.0.1.0/24'] },
  { cidr: '10.0.1.0/30' },
  { cidr: '10.0.0.0/16', except: ['10.0.2.1/32'] },
)
const peer: fc.Arbitrary<Manifest> = fc.oneof(
  podSelector.map((each) => ({ podSelector: each })),
  namespaceSelector.map((each) => ({ namespaceSelector: each })),
  fc
    .tuple(podSelector, namespaceSelector)
    .map(([pods, namespaces]) => ({ podSelector: pods, namespaceSelector: namespaces })),
  block.map((each) => ({ ipBlock: each })),
)
const protocol = optional('protocol', fc.constantFrom('TCP', 'UDP', 'SCTP'))
const rulePort: fc.Arbitrary<Manifest> = fc.oneof(
  protocol,
  merged(protocol, optional('port', fc.constantFrom<Json>(53, 80, 8080, 'http', 'dns', 'none'))),
  merged(protocol, fc.constantFrom({ port: 50, endPort: 80 }, { port: 80, endPort: 9000 })),
)
const rules = (key: string): fc.Arbitrary<Manifest[]> =>
  some(merged(optional(key, some(peer, 2)), optional('ports', some(rulePort, 2))), 2)
const policyBody = merged(
  podSelector.map((each) => ({ podSelector: each })),
  optional('policyTypes', fc.constantFrom<string[][]>(['Ingress'], ['Egress'], ['Ingress', 'Egress'])),
  optional('ingress', rules('from')),
  optional('egress', rules('to')),
)

const space = fc.constantFrom('x', 'y', 'z')
const containerPorts = fc.constantFrom<Json[]>(
  [],
  [{ name: 'http', containerPort: 8080 }],
  [
    { name: 'http', containerPort: 80 },
    { name: 'dns', containerPort: 53, protocol: 'UDP' },
  ],
  [{ name: 'dns', containerPort: 53 }],
)
const podLabels = merged(optional('app', label), optional('tier', label))
const podShape = fc.record({
  where: space,
  labels: podLabels,
  ports: containerPorts,
  host: fc.integer({ min: 0, max: 7 }),
})

const world: fc.Arbitrary<World> = fc.record({
  namespaces: fc.tuple(
    ...['x', 'y', 'z'].map((each) => optional('team', label).map((labels) => namespace(each, labels))),
  ),
  pods: fc.array(podShape, { minLength: 2, maxLength: 6 }).map((all) =>
    all.map(({ where, labels, ports, host }, index) => {
      return pod(`${where}/p${index}`, `10.0.${where === 'x' ? 1 : 2}.${index + 1}`, {
        labels,
        ports,
        spec: host === 0 ? { hostNetwork: true } : {},
      })
    }),
  ),
  policies: fc
    .array(fc.tuple(space, policyBody), { maxLength: 4 })
    .map((all) => all.map(([where, spec], index) => policy(`${where}/n${index}`, spec))),
})

const idOf = (body: Json): string => `Pod/${namespaceOf(body)}/${name(body)}`

/** Own-node traffic is always allowed: all pods of these worlds may share a node with those on its network. */
const isOnNode = (body: Json): boolean => at(body, 'spec', 'hostNetwork') === true

test('connections agree with a model of single packets', () => {
  fc.assert(
    fc.property(world, (each) => {
      const model = networkModel(cluster(...each.namespaces, ...each.pods, ...each.policies))
      for (const from of each.pods) {
        for (const to of each.pods) {
          if (from === to) continue
          const { ports, surely, truth } = connection(model, { workload: idOf(from) }, { workload: idOf(to) })
          for (const packet of PACKETS) {
            if (!isProtocol(packet.protocol)) continue
            const expected =
              admits('egress', from, to, to, packet.protocol, packet.port, each) &&
              admits('ingress', to, from, to, packet.protocol, packet.port, each)
            assert.equal(admitsPort(surely, packet.protocol, packet.port), expected)
            assert.equal(admitsPort(ports, packet.protocol, packet.port), expected || isOnNode(from) || isOnNode(to))
          }
          assert.ok(truth === 'no' || isOnNode(from) || isOnNode(to) || truth === 'yes')
        }
      }
    }),
    { numRuns: 400 },
  )
})

test('the classes say what connections say, chance by chance', () => {
  fc.assert(
    fc.property(world, (each) => {
      const of = cluster(...each.namespaces, ...each.pods, ...each.policies)
      const model = networkModel(of)
      const found = contacts(edgesOf(of))
      for (const from of each.pods) {
        for (const to of each.pods) {
          if (from === to) continue
          const { ports, surely } = connection(model, { workload: idOf(from) }, { workload: idOf(to) })
          const served = list(at(to, 'spec', 'containers', 0, 'ports')).map(
            (port) => [(field(port, 'protocol') ?? 'TCP') as 'TCP', field(port, 'containerPort') as number] as const,
          )
          const chance = (set: typeof ports): number => {
            if (served.some(([protocol, port]) => admitsPort(set, protocol, port))) return 0.1
            return set.TCP.length + set.UDP.length + set.SCTP.length > 0 ? 0.02 : 0
          }
          assert.deepEqual(found.get(`${idOf(from)} ${idOf(to)}`) ?? { yes: 0, any: 0 }, {
            yes: chance(surely),
            any: chance(ports),
          })
        }
      }
    }),
    { numRuns: 400 },
  )
})

test('no edge repeats another, nor says as uncertain what another says for certain', () => {
  fc.assert(
    fc.property(world, (each) => {
      const strongest = new Map<string, number>()
      const edges = edgesOf(cluster(...each.namespaces, ...each.pods, ...each.policies)).filter(
        ({ kind }) => kind === 'connects',
      )
      for (const { from, to, chance, truth } of edges) {
        const key = `${from} ${to}`
        if (truth === 'yes') strongest.set(key, Math.max(chance, strongest.get(key) ?? 0))
      }
      for (const { from, to, chance, truth } of edges)
        assert.ok(truth === 'yes' || chance > (strongest.get(`${from} ${to}`) ?? 0))
      assert.equal(
        new Set(edges.map(({ from, to, chance, truth }) => `${from} ${to} ${chance} ${truth}`)).size,
        edges.length,
      )
    }),
    { numRuns: 200 },
  )
})

/** Every way to label the namespaces that were left out. */
function completions(all: readonly Manifest[], unseen: ReadonlySet<string>): readonly (readonly Manifest[])[] {
  return all.reduce<readonly (readonly Manifest[])[]>(
    (worlds, each) => {
      const ways = unseen.has(name(each))
        ? [{}, { team: 'a' }, { team: 'b' }, { team: 'c' }, { app: 'a' }, { tier: 'b' }].map((labels) =>
            namespace(name(each), labels),
          )
        : [each]
      return worlds.flatMap((known) => ways.map((way) => [...known, way]))
    },
    [[]],
  )
}

test('where namespaces are missing, what is sure holds and what is ruled out fails, whatever their labels', () => {
  fc.assert(
    fc.property(world, fc.subarray(['x', 'y', 'z'], { minLength: 1, maxLength: 2 }), (each, left) => {
      const unseen = new Set(left)
      const seen = each.namespaces.filter((one) => !unseen.has(name(one)))
      const model = networkModel(cluster(...seen, ...each.pods, ...each.policies))
      for (const namespaces of completions(each.namespaces, unseen)) {
        const complete = networkModel(cluster(...namespaces, ...each.pods, ...each.policies))
        for (const from of each.pods) {
          for (const to of each.pods) {
            const [partial, whole] = [model, complete].map((one) =>
              connection(one, { workload: idOf(from) }, { workload: idOf(to) }),
            )
            for (const { protocol, port } of PACKETS) {
              if (!isProtocol(protocol) || !partial || !whole) continue
              if (admitsPort(partial.surely, protocol, port)) assert.ok(admitsPort(whole.surely, protocol, port))
              if (!admitsPort(partial.ports, protocol, port)) assert.ok(!admitsPort(whole.ports, protocol, port))
            }
          }
        }
      }
    }),
    { numRuns: 60 },
  )
})

test('an unrelated namespace changes nothing between the others, nor does the order of the objects', () => {
  fc.assert(
    fc.property(world, (each) => {
      const manifests = [...each.namespaces, ...each.pods, ...each.policies]
      const own = contacts(edgesOf(cluster(...manifests)))
      const more = cluster(
        namespace('zz', { other: 'yes' }),
        ...manifests,
        pod('zz/other', '10.9.9.9'),
        policy('zz/other', { podSelector: {} }),
      )
      const among = [...contacts(edgesOf(more))].filter(([key]) => !key.includes('/zz/'))
      assert.deepEqual(new Map([...among].sort()), new Map([...own].sort()))
      const ids = (all: readonly Manifest[]): string[] =>
        edgesOf(cluster(...all))
          .map(({ kind, from, to, rule, truth }) => `${kind} ${from} ${to} ${rule} ${truth}`)
          .sort()
      assert.deepEqual(ids([...manifests].reverse()), ids(manifests))
    }),
    { numRuns: 150 },
  )
})
