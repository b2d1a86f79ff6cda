import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import Ajv from 'ajv/dist/2020.js'
import { parseYaml } from '../cluster/yaml.ts'
import { bulkhead, corpus, root, testFolder } from './cli.testing.ts'

const folder = testFolder()
const schema = new Ajv.default({ strict: false }).compile(
  JSON.parse(readFileSync(join(root, 'docs/reference/v1alpha1.schema.json'), 'utf8')) as object,
)
const write = folder.write

const CLUSTER = write(
  'cluster.yaml',
  `apiVersion: v1
kind: Node
metadata: {name: n1, labels: {node.kubernetes.io/instance-type: small, eks.amazonaws.com/nodegroup: workers}}
status: {allocatable: {cpu: "2", memory: 4Gi, pods: "10"}}
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: fn, namespace: shop}
spec: {template: {spec: {containers: [{name: c, image: i, resources: {requests: {cpu: 500m, memory: 256Mi}}}]}}}
`,
)
const PRICES = write('prices.yaml', 'instances: {small: 0.1}\n')
const run = (...args: readonly string[]) => bulkhead(['traffic', 'bounds', '-q', '-f', CLUSTER, ...args])

interface Document {
  readonly totals: { readonly now: unknown; readonly worst: unknown; readonly uncapped: unknown }
  readonly items: readonly {
    readonly controller: string
    readonly unbounded: boolean
    readonly path: readonly { line?: number }[]
  }[]
}

function documentOf(...args: readonly string[]): Document {
  const { status, stdout, stderr } = run('-o', 'json', ...args)
  assert.equal(status, 0, stderr)
  const document = JSON.parse(stdout) as Document
  assert.ok(schema(document), JSON.stringify(schema.errors?.slice(0, 3)))
  return document
}

describe('traffic bounds', () => {
  test('the document is as its schema says; infinity is a word, with its path', () => {
    const { totals, items } = documentOf('--prices', PRICES)
    assert.deepEqual([totals.now, totals.worst, totals.uncapped], [73, 'unbounded', 'unbounded'])
    assert.equal(items[0]?.unbounded, true)
    assert.ok(items[0]?.path.some(({ line }) => line !== undefined))
  })

  test('an export of node groups caps it', () => {
    const group = write(
      'group.json',
      JSON.stringify({ nodegroup: { nodegroupName: 'workers', scalingConfig: { maxSize: 5 } } }),
    )
    assert.equal(documentOf('--prices', PRICES, '--cloud', group).totals.worst, 365)
    const gke = write(
      'gke.json',
      JSON.stringify({
        nodePools: [{ name: 'workers', autoscaling: { enabled: true, maxNodeCount: 2 }, locations: ['a', 'b', 'c'] }],
      }),
    )
    assert.equal(documentOf('--prices', PRICES, '--cloud', gke).totals.worst, 438)
    const aks = write(
      'aks.json',
      JSON.stringify([{ name: 'workers', vmSize: 'x', enableAutoScaling: true, maxCount: 3, count: 1 }]),
    )
    assert.equal(documentOf('--prices', PRICES, '--cloud', aks).totals.worst, 219)
  })

  test('every output has the same figures', () => {
    for (const format of ['table', 'wide', 'yaml', 'csv', 'md']) {
      const { status, stdout } = run('--prices', PRICES, '-o', format)
      assert.equal(status, 0, format)
      assert.match(stdout, /unbounded/, format)
      if (format !== 'csv') assert.match(stdout, /73\b/, format)
    }
  })

  test('--caps prints objects, after which nothing grows without an end', () => {
    const { status, stdout } = run('--prices', PRICES, '--caps')
    assert.equal(status, 0)
    assert.match(stdout, /^# .*Without an end: 1, with them 0/m)
    const documents = stdout.split(/^---$/m).slice(1)
    assert.deepEqual(
      documents.map((text) => (parseYaml(text).value as { kind: string }).kind),
      ['Service', 'ResourceQuota'],
    )
    const caps = write('caps.yaml', stdout)
    const again = bulkhead(['traffic', 'bounds', '-q', '-f', CLUSTER, '-f', caps, '--prices', PRICES, '-o', 'json'])
    assert.ok((JSON.parse(again.stdout) as Document).items.every(({ unbounded }) => !unbounded))
  })

  test('--caps with history: sized from the recorded peak, and held by the record', () => {
    const hour = 3_600_000
    const start = Date.UTC(2026, 9, 1)
    const event = (time: number, verb: string, pod: string, user: string, subresource: string): string => {
      const at = new Date(start + time).toISOString().replace('Z', '000Z')
      return JSON.stringify({
        kind: 'Event',
        apiVersion: 'audit.k8s.io/v1',
        level: 'Metadata',
        auditID: `${verb}-${pod}`,
        stage: 'ResponseComplete',
        requestURI: `/api/v1/namespaces/shop/pods/${pod}${subresource && `/${subresource}`}`,
        verb,
        user: { username: user },
        objectRef: {
          resource: 'pods',
          namespace: 'shop',
          name: pod,
          apiVersion: 'v1',
          ...(subresource && { subresource }),
        },
        responseStatus: { code: verb === 'create' ? 201 : 200 },
        requestReceivedTimestamp: at,
        stageTimestamp: at,
      })
    }
    const lines: string[] = []
    for (let each = 0; each < 9 * 24; each++) {
      const pods = Array.from(
        { length: each === 100 ? 6 : 3 },
        (_, index) => `fn-00001-deployment-7d9c8b7f5d-${each}x${index}`,
      )
      for (const pod of pods) lines.push(event(each * hour, 'create', pod, 'system:kube-scheduler', 'binding'))
      for (const pod of pods) lines.push(event(each * hour + 1000, 'delete', pod, 'system:node:n1', ''))
    }
    const { status, stdout, stderr } = run(
      '--prices',
      PRICES,
      '--caps',
      '--history',
      folder.write('audit.log', lines.join('\n')),
    )
    assert.equal(status, 0, stderr)
    // Six at once, times 1.5.
    assert.match(stdout, /max-scale: '9'/)
    assert.match(stdout, /pods: '9'/)
    assert.equal(stdout.match(/^# On the record it holds$/gm)?.length, 2)
  })

  test('prices that are wrong end it, and what is scanned brings none', () => {
    const wrong = write('wrong.yaml', 'instances: {small: dear}\n')
    const told = run('--prices', wrong)
    assert.equal(told.status, 2)
    assert.match(told.stderr, /instances\.small is no price/)
    assert.equal(bulkhead(['traffic', 'bounds', '-f', folder.path, '--prices', PRICES]).status, 2)
  })

  test('--fail-on', () => {
    const keda = write(
      'keda.yaml',
      'apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: s, namespace: shop}\nspec: {scaleTargetRef: {name: web}}\n',
    )
    assert.equal(run('-f', keda, '--fail-on', 'low').status, 1)
    assert.equal(run('-f', keda, '--fail-on', 'high').status, 0)
  })
})

const skip = { skip: existsSync(corpus) ? false : `there is no corpus at ${corpus}` }

describe('the corpus', () => {
  for (const set of ['gke-samples', 'bank-of-anthos', 'knative-serving', 'kubernetes-api-all-fields', 'snapshots'])
    test(set, skip, () => {
      const { stdout, stderr } = bulkhead(['traffic', 'bounds', '-q', '-R', '-f', join(corpus, set), '-o', 'json'])
      assert.equal(stderr, '')
      const document = JSON.parse(stdout) as Document
      assert.ok(schema(document), JSON.stringify(schema.errors?.slice(0, 3)))
      assert.ok(document.items.length > 0)
    })
})
