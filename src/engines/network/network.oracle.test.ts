import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { addressSet } from '../../cluster/addresses.ts'
import { buildCluster, type Cluster } from '../../cluster/cluster.ts'
import { at, field, type Json, list, number, object, string, strings } from '../../cluster/json.ts'
import { type KubeObject, toObject } from '../../cluster/object.ts'
import { connection, type Peer } from './connection.ts'
import { networkModel } from './model.ts'
import { decodePolicy } from './policy.ts'
import { admitsPort, isProtocol } from './ports.ts'
import { decodeSelector, type Refusal } from './selectors.ts'

const file = (name: string): URL => new URL(`../../../oracle/vectors/${name}.json`, import.meta.url)
const skip = (name: string): string | false =>
  existsSync(file(name)) ? false : `oracle/vectors/${name}.json is not there`
const vectors = (name: string): Json => JSON.parse(readFileSync(file(name), 'utf8')) as Json

function made(apiVersion: string, kind: string, body: Json): KubeObject {
  const placement = { namespace: 'default', clusterScoped: new Set<string>() }
  const result = toObject({ ...object(body), apiVersion, kind }, { source: 0, start: 0, end: 0, inner: [] }, placement)
  if (typeof result === 'string') throw new Error(result)
  return result
}

const policyOf = (body: Json): KubeObject => made('networking.k8s.io/v1', 'NetworkPolicy', body)

test('defaults and refusals agree with the API server', { skip: skip('netpol-defaults') }, () => {
  for (const entry of list(field(vectors('netpol-defaults'), 'cases'))) {
    const spec = field(entry, 'spec') ?? null
    const { policy, refusals } = decodePolicy(policyOf({ metadata: { name: 'policy' }, spec }), true)
    const refused = list(field(entry, 'errors')).length > 0
    assert.equal(refusals.length > 0, refused, `${JSON.stringify(spec)}: ${JSON.stringify(refusals)}`)
    if (refused) continue
    const types = strings(at(entry, 'defaulted', 'policyTypes'))
    assert.deepEqual(
      [policy.ingress !== undefined, policy.egress !== undefined],
      [types.includes('Ingress'), types.includes('Egress')],
      JSON.stringify(spec),
    )
    const again = decodePolicy(
      policyOf({ metadata: { name: 'policy' }, spec: field(entry, 'defaulted') ?? null }),
      true,
    )
    const { object: _, ...ours } = policy
    const { object: __, ...defaulted } = again.policy
    assert.deepEqual(ours, defaulted, JSON.stringify(spec))
  }
})

test('a policy that is stored already, or an older API server, takes a sloppy CIDR', () => {
  const body = { metadata: { name: 'policy' }, spec: { egress: [{ to: [{ ipBlock: { cidr: '10.0.0.1/8' } }] }] } }
  assert.equal(decodePolicy(policyOf(body), true).refusals.length, 1)
  const { policy, refusals } = decodePolicy(policyOf(body), false)
  assert.deepEqual(refusals, [])
  assert.deepEqual(policy.egress?.[0]?.peers, [
    { kind: 'addresses', addresses: addressSet('10.0.0.0/8'), text: '10.0.0.1/8' },
  ])
})

/** The pods of a cluster, then its external addresses: the rows and columns of a matrix. */
function endpoints(cluster: Json): readonly Peer[] {
  const pods = list(field(cluster, 'pods')).map((pod) => ({
    workload: `Pod/${string(at(pod, 'metadata', 'namespace'))}/${string(at(pod, 'metadata', 'name'))}`,
  }))
  const external = strings(field(cluster, 'external')).map((address) => ({
    addresses: addressSet(address) ?? assert.fail(address),
  }))
  return [...pods, ...external]
}

function clusterFrom(cluster: Json, policies: readonly Json[]): Cluster {
  const all = (key: string, kind: string): KubeObject[] =>
    list(field(cluster, key)).map((body) => made('v1', kind, body))
  return buildCluster({
    objects: [...all('namespaces', 'Namespace'), ...all('pods', 'Pod'), ...policies.map(policyOf)],
  })
}

test('packet by packet, kube-network-policies agrees', { skip: skip('netpol-packets') }, () => {
  const all = vectors('netpol-packets')
  let packets = 0
  list(field(all, 'cases')).forEach((entry, index) => {
    const cluster = list(field(all, 'clusters'))[number(field(entry, 'cluster')) ?? -1] ?? null
    const peers = endpoints(cluster)
    const model = networkModel(clusterFrom(cluster, list(field(entry, 'policies'))))
    assert.deepEqual(model.invalid, [])
    peers.forEach((from, row) => {
      peers.forEach((to, column) => {
        const asked = Object.entries(object(field(entry, 'allowed'))).filter(
          ([, matrix]) => strings(matrix)[row]?.[column] !== '.',
        )
        if (asked.length === 0) return
        const { ports, surely } = connection(model, from, to)
        assert.deepEqual(ports, surely, 'everything is known here')
        for (const [probe, matrix] of asked) {
          const [protocol = '', port] = probe.split('/')
          const allowed = strings(matrix)[row]?.[column] === '1'
          assert.equal(
            isProtocol(protocol) && admitsPort(ports, protocol, Number(port)),
            allowed,
            `case ${index}: ${probe} from ${row} to ${column}`,
          )
          packets++
        }
      })
    })
  })
  assert.ok(packets > 100_000, `${packets} packets`)
})

test('pods found by label are those that the selector matches', { skip: skip('selectors') }, () => {
  const all = vectors('selectors')
  const pods = list(field(all, 'labelSets')).map((labels, index) => {
    return made('v1', 'Pod', {
      metadata: { name: `p${String(index).padStart(2, '0')}`, labels },
      spec: { containers: [] },
    })
  })
  const { selection, sets, members } = networkModel(buildCluster({ objects: pods }))
  let asked = 0
  for (const entry of list(field(all, 'cases'))) {
    const refusals: Refusal[] = []
    const selector = decodeSelector(field(entry, 'selector'), [], (refusal) => void refusals.push(refusal))
    assert.equal(refusals.length > 0, field(entry, 'error') !== undefined, JSON.stringify(entry))
    if (selector === undefined || refusals.length > 0) continue
    const { sure, may } = selection.inNamespace('default', selector)
    assert.equal(sure, may)
    const matches = members.flatMap(({ kind, index }) => (kind === 'node' ? [] : [sets.has(sure, index) ? '1' : '0']))
    assert.equal(matches.join(''), field(entry, 'matches'), JSON.stringify(selector))
    asked++
  }
  assert.ok(asked > 200)
})
