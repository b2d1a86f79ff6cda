import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { AddressSet } from '../../cluster/addresses.ts'
import { buildCluster, type Cluster } from '../../cluster/cluster.ts'
import { at, field, list, object, string } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { objectsOf } from '../../cluster/testing.ts'
import type { Workload } from '../../cluster/workload.ts'
import { connection, type Peer } from './connection.ts'
import { exposures } from './exposure/exposures.ts'
import { networkModel } from './model.ts'
import { networkEngine } from './network.ts'
import { allPorts, formatRanges, NO_PORTS, noPorts, type PortSet, unitePorts } from './ports.ts'

/** netpol-analyzer's answers, row for row, as `list -q --multiple-networks=false` prints them. */

const root = process.env.BULKHEAD_CORPUS ?? fileURLToPath(new URL('../../../../shared/corpus', import.meta.url))
const corpus = join(root, 'netpol-analyzer')
const skip = existsSync(corpus) ? false : `the corpus is not at ${root} (BULKHEAD_CORPUS)`

interface Expected {
  readonly set: string
  readonly rows: readonly string[]
}

/** The lists without focus or explanation; of an exposure analysis, the connectivity that it begins with. */
function expectations(wanted: 'connlist' | 'exposure' = 'connlist'): readonly Expected[] {
  const lines = readFileSync(join(corpus, 'MANIFEST.csv'), 'utf8').trim().split('\n').slice(1)
  return lines.flatMap((line) => {
    const [group = '', file = '', analysis, set = '', options, format] = line.split(',').map((cell) => cell.trim())
    if (analysis !== wanted || options !== `${wanted}_output` || format !== 'txt') return []
    const [text = ''] = readFileSync(join(corpus, 'expected', group, file), 'utf8').split('Exposure Analysis Result:')
    const rows = text.split('\n').map((row) => row.trim())
    return [{ set, rows: rows.filter((row) => row !== '').sort() }]
  })
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ya?ml|json)$/.test(file) && !file.endsWith('_output.json'))
    .sort()
}

function inputOf(set: string): readonly KubeObject[] {
  const folder = join(corpus, 'tests', set)
  return filesOf(folder).flatMap((file) => objectsOf(readFileSync(join(folder, file), 'utf8')))
}

/** The analyzer takes a pod on its node's network for any other. */
function withoutHostNetwork(input: KubeObject): KubeObject {
  const spec = object(field(input.body, 'spec'))
  if (input.kind !== 'Pod' || field(spec, 'hostNetwork') !== true) return input
  return { ...input, body: { ...input.body, spec: { ...spec, hostNetwork: false } } }
}

/** It names a pod by its controlling owner reference, even one without a kind, and looks no further up. */
function nameOf(workload: Workload): string {
  const pod = workload.pods[0]?.object ?? (workload.object?.kind === 'Pod' ? workload.object : undefined)
  const owner =
    pod === undefined
      ? undefined
      : list(at(pod.body, 'metadata', 'ownerReferences')).find((each) => field(each, 'controller') === true)
  if (!owner) return `${workload.namespace}/${workload.name}[${workload.kind}]`
  return `${workload.namespace}/${string(field(owner, 'name'))}[${string(field(owner, 'kind')) ?? 'Pod'}]`
}

/** Every bound of an ipBlock parts the IPv4 addresses into ranges that are peers of their own. */
function ranges(cluster: Cluster): readonly (readonly [string, AddressSet])[] {
  const bounds = new Set([0n, 1n << 32n])
  for (const policy of networkModel(cluster).policies) {
    for (const rule of [...(policy.ingress ?? []), ...(policy.egress ?? [])]) {
      if (rule.peers === 'everyone') continue
      for (const peer of rule.peers)
        if (peer.kind === 'addresses') for (const bound of peer.addresses.v4) bounds.add(bound)
    }
  }
  const sorted = [...bounds].sort((a, b) => (a < b ? -1 : 1))
  return sorted.slice(0, -1).map((first, index) => {
    const end = sorted[index + 1] as bigint
    return [`${dotted(first)}-${dotted(end - 1n)}[External]`, { v4: [first, end], v6: [] }]
  })
}

function dotted(address: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join('.')
}

function formatted(ports: PortSet): string {
  if (allPorts(ports)) return 'All Connections'
  const parts = (['SCTP', 'TCP', 'UDP'] as const).map((protocol) => [protocol, formatRanges(ports[protocol])] as const)
  return parts.flatMap(([protocol, text]) => (text === '' ? [] : [`${protocol} ${text}`])).join(',')
}

/** Our answer in its form: no row of a workload to itself, and one for each workload behind an Ingress or Route. */
function rowsOf(cluster: Cluster): readonly string[] {
  const model = networkModel(cluster)
  const peers: (readonly [string, Peer])[] = [
    ...cluster.workloads.map((workload) => [nameOf(workload), { workload: workload.id }] as const),
    ...ranges(cluster).map(([name, addresses]) => [name, { addresses }] as const),
  ]
  const found = new Map<string, PortSet>()
  const add = (row: string, ports: PortSet): void => void found.set(row, unitePorts(found.get(row) ?? NO_PORTS, ports))
  for (const [from, source] of peers)
    for (const [to, target] of peers) if (from !== to) add(`${from} => ${to}`, connection(model, source, target).surely)
  const names = new Map(cluster.workloads.map((workload) => [workload.id, nameOf(workload)]))
  for (const { kind, workload, ports } of exposures(cluster)) {
    if (kind === 'exposed-ingress' || kind === 'exposed-route')
      add(`{ingress-controller} => ${names.get(workload)}`, ports)
  }
  return [...found].flatMap(([row, ports]) => (noPorts(ports) ? [] : [`${row} : ${formatted(ports)}`])).sort()
}

const UNEVALUATED = /^(AdminNetworkPolicy|BaselineAdminNetworkPolicy|UserDefinedNetwork|ClusterUserDefinedNetwork)$/

interface Disagreement {
  readonly set: string
  readonly ours: readonly string[]
  readonly theirs: readonly string[]
  readonly argument: string
}

const disagreements = JSON.parse(
  readFileSync(new URL('netpol-analyzer.disagreements.json', import.meta.url), 'utf8'),
) as readonly Disagreement[]

test("netpol-analyzer: row for row, with pods on their node's network taken for others", { skip }, () => {
  let sets = 0
  for (const { set, rows } of expectations()) {
    const input = inputOf(set)
    if (input.some(({ kind }) => UNEVALUATED.test(kind))) continue
    assert.deepEqual(rowsOf(buildCluster({ objects: input.map(withoutHostNetwork) })), rows, set)
    sets++
  }
  assert.equal(sets, 17)
})

test('netpol-analyzer: the connectivity that its exposure analyses begin with', { skip }, () => {
  let sets = 0
  for (const { set, rows } of expectations('exposure')) {
    const input = inputOf(set)
    if (input.some(({ kind }) => UNEVALUATED.test(kind))) continue
    assert.deepEqual(rowsOf(buildCluster({ objects: input })), rows, set)
    sets++
  }
  assert.equal(sets, 11)
})

test('netpol-analyzer: as the API means it, with every disagreement argued', { skip }, () => {
  const seen: Omit<Disagreement, 'argument'>[] = []
  for (const { set, rows } of expectations()) {
    const input = inputOf(set)
    if (input.some(({ kind }) => UNEVALUATED.test(kind))) continue
    const own = rowsOf(buildCluster({ objects: input }))
    const ours = own.filter((row) => !rows.includes(row))
    const theirs = rows.filter((row) => !own.includes(row))
    if (ours.length + theirs.length > 0) seen.push({ set, ours, theirs })
  }
  const argued = disagreements.map(({ set, ours, theirs }) => ({ set, ours, theirs }))
  assert.deepEqual(seen, argued)
  for (const { set, argument } of disagreements) assert.ok(argument.length > 80, `${set} is argued`)
})

test('netpol-analyzer: sets with kinds that are not evaluated come out unknown, by name', { skip }, () => {
  let sets = 0
  for (const { set } of expectations()) {
    const input = inputOf(set)
    const kinds = [...new Set(input.filter(({ kind }) => UNEVALUATED.test(kind)).map(({ kind }) => kind))].sort()
    if (kinds.length === 0) continue
    const cluster = buildCluster({ objects: input })
    const unknowns = [...networkEngine().unknowns(cluster, {} as never)].filter(
      ({ id }) => id === 'network-unsupported-kind',
    )
    const named = unknowns.map(({ message }) => /unsupported kind (\w+)/.exec(message)?.[1]).sort()
    assert.deepEqual(named, kinds, set)
    const contacts = [...networkEngine().edges(cluster, {} as never)].filter(({ kind }) => kind === 'connects')
    assert.ok(
      contacts.some(({ truth }) => truth === 'unknown'),
      `${set} has connections that are unknown`,
    )
    sets++
  }
  assert.equal(sets, 10)
})
