import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { idParts } from './cluster/object.ts'
import { judged } from './loop.testing.ts'
import { type Analysis, analyse, type Options } from './loop.ts'
import { type Input, readInputs } from './observe/files/read.ts'
import { buildReport, radiusItem } from './report/build.ts'

const root = process.env.BULKHEAD_CORPUS ?? fileURLToPath(new URL('../../shared/corpus', import.meta.url))
const skip = existsSync(root) ? false : `no corpus at ${root} (set BULKHEAD_CORPUS)`

const read = (...names: readonly string[]): Promise<Input> =>
  readInputs(
    names.map((name) => join(root, name)),
    { recursive: true },
  )
const scan = async (name: string, options: Options = {}): Promise<Analysis> => analyse(await read(name), options)

/** Objects as the corpus' own table counts them; of the others our count is the issue's definition to the letter. */
const COUNTED: Readonly<Record<string, number>> = {
  'argo-cd': 120,
  badpods: 144,
  'bank-of-anthos': 73,
  calico: 69,
  'cel-admission-library': 110,
  'cyclonus-policies': 18,
  'gke-networking-recipes': 342,
  'gke-samples': 592,
  'ingress-nginx': 231,
  'istio-bookinfo': 210,
  'knative-serving': 85,
  'kubernetes-api-all-fields': 161,
  'kubernetes-examples': 278,
  'kubernetes-goat': 33,
  'metrics-server': 16,
  'netpol-recipes': 15,
  'online-boutique': 64,
  'rook-ceph': 396,
  'snapshots/k3s-2025': 454,
  'snapshots/k9s-objects': 47,
}

describe('every set of the corpus', { skip }, () => {
  const sets = skip
    ? []
    : [
        ...readdirSync(root, { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map((entry) => entry.name),
        'snapshots/k3s-2022',
        'snapshots/k3s-2025',
        'snapshots/k9s-objects',
      ]
  for (const set of sets) {
    test(`${set} is read, judged and reported`, async () => {
      const analysis = await scan(set)
      const report = buildReport(analysis)
      const { total, assumed } = report.risk
      assert.ok(
        total >= 0 && total <= 1 && assumed >= -1e-12 && assumed <= total + 1e-12,
        `risk ${total}, assumed ${assumed}`,
      )
      assert.deepEqual(
        report.inputs.unreadable.filter((each) => each.file === undefined || each.line === undefined),
        [],
      )
      if (Object.hasOwn(COUNTED, set)) assert.equal(report.inputs.objects, COUNTED[set])
      const nodes = new Set(analysis.nodes)
      for (const edge of analysis.edges) {
        assert.ok(nodes.has(edge.from) && nodes.has(edge.to))
        assert.ok(edge.chance > 0 && edge.chance <= 1)
        assert.ok(edge.because.length > 0, `${edge.kind} ${edge.from} has no reason`)
      }
      assert.equal(
        new Set(report.findings.map((finding) => finding.id)).size,
        report.findings.length,
        'ids of findings are distinct',
      )
      for (const entry of analysis.entries.slice(0, 10)) {
        const item = radiusItem(analysis, entry)
        assert.equal(item.control.length, entry.reach.controlled.items.length)
        assert.equal(item.contact.length, entry.reach.contacted)
        const sum = [...item.control.map((each) => ({ ...each, chance: 1 })), ...item.contact].reduce(
          (whole, each) => whole + each.chance * (analysis.assets.find((asset) => asset.id === each.asset)?.value ?? 0),
          0,
        )
        assert.ok(Math.abs(sum / analysis.assets.reduce((whole, asset) => whole + asset.value, 0) - item.risk) < 1e-9)
      }
    })
  }
})

describe('kubernetes-goat', { skip }, () => {
  test('nodes are reached by the workloads that reach them, with the field that lets them', async () => {
    const { edges } = await scan('kubernetes-goat')
    const reaching = new Map(
      edges
        .filter((edge) => edge.chance === 1 && edge.to.startsWith('Node/') && !edge.from.startsWith('ControlPlane/'))
        .map((edge) => [idParts(edge.from).name, edge]),
    )
    for (const name of ['docker-bench-security', 'health-check-deployment', 'system-monitor-deployment']) {
      const edge = reaching.get(name)
      assert.ok(edge, name)
      assert.ok(edge.because.some((each) => each.path !== undefined && each.object?.name === name))
    }
    assert.ok(![...reaching.keys()].some((name) => name.startsWith('kube-bench')), 'kube-bench mounts read-only')
  })

  test('kube-bench’s read-only mounts are control edges to credentials', async () => {
    const { edges } = await scan('kubernetes-goat')
    const from = (name: string): string[] =>
      edges
        .filter((edge) => edge.from === `Job/default/${name}` && edge.chance === 1)
        .map((edge) => `${edge.kind} ${idParts(edge.to).kind}`)
    assert.ok(from('kube-bench-node').includes('host-path-identity User'))
    assert.ok(from('kube-bench-node').includes('host-path-tokens Scope'))
    assert.ok(from('kube-bench-master').includes('host-path-control-plane ControlPlane'))
  })

  test('superadmin is an identity entry that controls everything', async () => {
    const analysis = await scan('kubernetes-goat')
    const entry = analysis.entries.find((each) => each.id === 'ServiceAccount/kube-system/superadmin')
    assert.equal(entry?.kind, 'credential')
    assert.equal(entry?.reach.controlled.items.length, analysis.assets.length)
    assert.equal(entry?.reach.share, 1)
  })
})

describe('badpods', { skip }, () => {
  const NODE = ['everything-allowed', 'priv-and-hostpid', 'priv', 'hostpath']
  const LESSER: Readonly<Record<string, readonly string[]>> = {
    hostpid: ['host-pid'],
    hostnetwork: ['host-network'],
    hostipc: ['host-ipc'],
    'nothing-allowed': [],
  }

  test('the folder says which pods reach the node, for all eight kinds of workload alike', async () => {
    const kinds = new Set<string>()
    for (const shape of [...NODE, ...Object.keys(LESSER)]) {
      const { edges, cluster } = await scan(`badpods/manifests/${shape}`)
      assert.equal(cluster.workloads.length, 16, shape)
      for (const { id, kind } of cluster.workloads) {
        kinds.add(kind)
        const own = edges.filter((edge) => edge.from === id && edge.to.startsWith('Node/'))
        assert.equal(
          own.some((edge) => edge.chance === 1 && edge.truth === 'yes'),
          NODE.includes(shape),
          `${shape}: ${id}`,
        )
        // One manifest of hostipc shares the other namespaces of the node as well, whatever its folder says.
        const named = new Set(own.map((edge) => edge.kind))
        for (const kind of LESSER[shape] ?? []) assert.ok(named.has(kind), `${shape}: ${id} ${[...named]}`)
        if (shape === 'nothing-allowed') assert.equal(named.size, 0)
      }
    }
    assert.equal(kinds.size, 8)
  })
})

describe('online-boutique', { skip }, () => {
  test('its own network policies make every contact radius smaller, or leave it', async () => {
    const input = await read('online-boutique')
    const withPolicies = analyse(input)
    const without = analyse({ ...input, objects: input.objects.filter((object) => object.kind !== 'NetworkPolicy') })
    assert.ok(withPolicies.risk.total < without.risk.total * 0.9)
    const contacts = (analysis: Analysis): Map<string, number> =>
      new Map(analysis.entries.map((entry) => [entry.id, entry.reach.contacted]))
    const before = contacts(without)
    for (const [id, count] of contacts(withPolicies)) assert.ok(count <= (before.get(id) ?? 0), id)
    const free = analyse(input, { enforced: 'no' })
    assert.equal(free.risk.total, without.risk.total)
  })
})

describe('real snapshots', { skip }, () => {
  test('live placement is used, and a finished Job’s account is a credential', async () => {
    const analysis = await scan('snapshots/k3s-2025')
    const { controls } = judged(analysis)
    assert.equal(analysis.cluster.version.minor, 31)
    assert.ok(controls('Node//primary-node', 'ControlPlane//control-plane'))
    assert.ok(
      analysis.entries.some(
        (entry) => entry.id === 'ServiceAccount/kube-system/helm-traefik' && entry.reach.share === 1,
      ),
    )
    assert.ok(analysis.edges.some((edge) => edge.kind === 'runs' && edge.truth === 'yes'))
  })

  test('the same bundle read as separate folders or compressed gives the same answer', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bulkhead-'))
    try {
      const { gzipSync } = await import('node:zlib')
      const objects = readFileSync(join(root, 'kubernetes-goat/scenarios/insecure-rbac/setup.yaml'))
      writeFileSync(join(folder, 'a.yaml.gz'), gzipSync(objects))
      const plain = await scan('kubernetes-goat/scenarios/insecure-rbac')
      const compressed = analyse(await readInputs([folder], { recursive: true }))
      assert.deepEqual(
        compressed.edges.map((edge) => edge.to),
        plain.edges.map((edge) => edge.to),
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
