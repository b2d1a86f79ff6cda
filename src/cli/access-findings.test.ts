import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import Ajv from 'ajv/dist/2020.js'
import { EXPORTS, hidesImpersonation } from '../../bench/audit/exports.ts'
import { bindingsOf, planted } from '../../bench/audit/planted/plant.ts'
import { type Form, linesOf } from '../../bench/audit/write.ts'
import { SARIF_SCHEMA } from '../report/checks/sarif.schema.testing.ts'
import { bulkhead, root, testFolder } from './cli.testing.ts'

const folder = testFolder()
const schema = new Ajv.default({ strict: false }).compile(
  JSON.parse(readFileSync(join(root, 'docs/reference/v1alpha1.schema.json'), 'utf8')) as object,
)

const sarif = new Ajv.default({ strict: false, formats: { uri: true, 'uri-reference': true } }).compile(SARIF_SCHEMA)

interface SarifLog {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
      readonly results: readonly {
        readonly ruleId: string
        readonly ruleIndex: number
        readonly locations: readonly object[]
      }[]
    },
  ]
}

interface Item {
  readonly rule: string
  readonly subject?: string
  readonly severity: string
  readonly message: string
  readonly evidence: readonly {
    readonly file?: string
    readonly line?: number
    readonly item?: string
    readonly auditID?: string
  }[]
}

interface Findings {
  readonly items: readonly Item[]
  readonly silenced: readonly {
    readonly provider: string
    readonly binding: { readonly name: string }
    readonly count: number
  }[]
  readonly unknowns: readonly string[]
}

function found(args: readonly string[]): Findings {
  const { status, stdout, stderr } = bulkhead(['access', 'findings', '-q', '-o', 'json', ...args])
  assert.equal(status, 0, stderr)
  const document = JSON.parse(stdout) as Findings
  assert.ok(schema(document), JSON.stringify(schema.errors))
  return document
}

const SIGNALS: ReadonlySet<string> = new Set([
  'shared-credential',
  'stolen-token',
  'dormant-subject',
  'dormant-binding',
  'departed',
  'secret-sweep',
  'impersonation',
  'reconnaissance',
])

const keyOf = ({ rule, subject = '' }: Pick<Item, 'rule' | 'subject'>): string => `${rule} ${subject}`

describe('access findings', () => {
  for (const [form, seed, isClean] of [
    ['v1', 1, false],
    ['v1', 11, false],
    ['eks', 2, false],
    ['gke', 3, false],
    ['aks', 4, false],
    ['v1', 5, true],
    ['gke', 6, true],
  ] as const satisfies readonly (readonly [Form, number, boolean])[]) {
    test(`of a ${isClean ? 'clean' : 'planted'} ${form} log with seed ${seed}: all that was planted, and nothing else`, () => {
      const made = planted(seed, 8_000, isClean)
      const log = folder.write(`${form}-${seed}.log`, [...linesOf(form, made.log)].join('\n'))
      const rbac = folder.write(
        `${form}-${seed}.json`,
        JSON.stringify({ apiVersion: 'v1', kind: 'List', items: bindingsOf(made) }),
      )
      const people = folder.write(`${form}-${seed}.csv`, made.directory)
      const { items, unknowns } = found(['-f', rbac, '--history', log, '--directory', people])
      const told = items.filter(({ rule }) => SIGNALS.has(rule))
      const truth = made.truth.filter(({ forms }) => forms.includes(form)).map(keyOf)
      assert.deepEqual([...new Set(told.map(keyOf))].sort(), [...truth].sort())
      for (const { rule, evidence } of told)
        if (!rule.startsWith('dormant')) {
          const [first] = evidence
          assert.equal(first?.file, log)
          assert.ok((first?.line ?? 0) > 0 && first?.auditID !== undefined)
        }
      assert.equal(
        unknowns.some((each) => each.includes('credential')),
        form === 'gke',
      )
    })
  }

  for (const [name, seed] of [
    ['Lambda of Kinesis', 21],
    ['aws logs get-query-results, one line', 22],
    ['bq query --format=json', 23],
    ['gcloud pubsub subscriptions pull', 24],
    ['az monitor log-analytics query of AzureDiagnostics', 25],
    ['API of Log Analytics, AKSAudit', 26],
  ] as const) {
    test(`of a planted log as exported by ${name}: all that was planted and can be seen, and nothing else`, () => {
      const { form, write } = EXPORTS[name] as (typeof EXPORTS)[string]
      const made = planted(seed, 8_000, false)
      const log = folder.write(`export-${seed}.json`, write([...made.log]).toString())
      const items = bindingsOf(made)
      const rbac = folder.write(`export-${seed}-rbac.json`, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
      const people = folder.write(`export-${seed}.csv`, made.directory)
      const { items: told, unknowns } = found(['-f', rbac, '--history', log, '--directory', people])
      const isHidden = hidesImpersonation(name)
      const signals = told.filter(({ rule }) => SIGNALS.has(rule))
      const truth = made.truth.filter(
        ({ forms, rule }) => forms.includes(form) && !(isHidden && rule === 'impersonation'),
      )
      assert.deepEqual([...new Set(signals.map(keyOf))].sort(), truth.map(keyOf).sort())
      assert.equal(
        unknowns.some((each) => each.includes('impersonation')),
        isHidden,
      )
      for (const { rule, evidence } of signals)
        if (!rule.startsWith('dormant')) assert.ok(evidence[0]?.item !== undefined || (evidence[0]?.line ?? 0) > 1)
    })
  }

  const GRANTS = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: open}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: Group, name: "system:unauthenticated"}, {kind: User, name: "system:anonymous"}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: kube-apiserver-kubelet-admin}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: SYSTEMROLE}
subjects: [{kind: User, name: kube-apiserver}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ghost, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{kind: ServiceAccount, name: ghost, namespace: shop}, {kind: ServiceAccount, name: real, namespace: shop}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: real, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: real, containers: [{name: c, image: i}]}
`

  test('grants by rule, with the workloads and applications that they endanger, and who could make what is missing', () => {
    const file = folder.write('grants.yaml', GRANTS.replace('SYSTEMROLE', 'system:kubelet-api-admin'))
    const { items, silenced } = found(['-f', file])
    const rules = items.map(({ rule, subject, severity }) => `${severity} ${rule} ${subject ?? ''}`)
    assert.deepEqual(
      rules.filter((each) => each.includes('wide-group')),
      ['critical wide-group group:system:unauthenticated', 'critical wide-group user:system:anonymous'],
    )
    assert.ok(rules.includes('high escalation-grant sa:shop/real'))
    const real = items.find(
      (each) => each.rule === 'escalation-grant' && each.subject === 'sa:shop/real',
    ) as unknown as {
      workloads: string[]
    }
    assert.deepEqual(real.workloads, ['Deployment/shop/web'])
    const ghost = items.find(({ rule }) => rule === 'dangling-subject')
    assert.match(ghost?.message ?? '', /shop\/ghost.*group:system:unauthenticated.*may/)
    assert.deepEqual(silenced, [
      {
        provider: 'k3s',
        binding: { kind: 'ClusterRoleBinding', namespace: '', name: 'kube-apiserver-kubelet-admin' },
        count: 1,
      },
    ])
  })

  test('a provider’s name with another content silences nothing', () => {
    const file = folder.write('taken.yaml', GRANTS.replace('SYSTEMROLE', 'cluster-admin'))
    const { items, silenced } = found(['-f', file])
    assert.deepEqual(silenced, [])
    assert.ok(items.some(({ rule, subject }) => rule === 'wildcard-grant' && subject === 'user:kube-apiserver'))
  })

  test('of the log alone: what was recorded, and that nothing is known of grants', () => {
    const event = (minute: number, source: string) => ({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      auditID: `id-${minute}`,
      stage: 'ResponseComplete',
      requestURI: '/api/v1/namespaces/shop/pods',
      verb: 'list',
      user: { username: 'alice', groups: ['system:authenticated'] },
      sourceIPs: [source],
      objectRef: { resource: 'pods', namespace: 'shop', apiVersion: 'v1' },
      responseStatus: { code: 200 },
      requestReceivedTimestamp: `2026-11-02T08:${String(minute).padStart(2, '0')}:00.000000Z`,
      stageTimestamp: `2026-11-02T08:${String(minute).padStart(2, '0')}:00.100000Z`,
      annotations: { 'authorization.k8s.io/decision': 'allow' },
    })
    const lines = Array.from({ length: 20 }, (_, at) => event(at * 2, at % 2 === 0 ? '198.51.100.7' : '203.0.113.9'))
    const log = folder.write('alone.log', lines.map((each) => JSON.stringify(each)).join('\n'))
    const { items, unknowns } = found(['--history', log])
    assert.deepEqual(
      items.map(({ rule, subject }) => [rule, subject]),
      [['shared-credential', 'user:alice']],
    )
    assert.ok(unknowns.some((each) => /no files of the cluster were given/.test(each)))
    assert.equal(bulkhead(['access', 'findings', '-q']).status, 2)
  })

  test('--fail-on, wrong flags and what cannot be read have their exit codes', () => {
    const file = folder.write('code.yaml', GRANTS)
    assert.equal(bulkhead(['access', 'findings', '-q', '-f', file, '--fail-on', 'critical']).status, 1)
    assert.equal(bulkhead(['access', 'findings', '-q', '-f', file, '--fail-on', 'none']).status, 0)
    assert.equal(bulkhead(['access', 'findings', '-q', '-f', file, '--as-of', 'soon']).status, 2)
    assert.equal(bulkhead(['access', 'findings', '-q', '-f', file, '-o', 'xml']).status, 2)
    assert.equal(
      bulkhead(['access', 'findings', '-q', '-f', file, '--directory', join(folder.path, 'none.csv')]).status,
      3,
    )
    const csv = bulkhead(['access', 'findings', '-q', '-f', file, '-o', 'csv']).stdout
    assert.match(csv, /^severity,rule,subject/)
    const log = JSON.parse(bulkhead(['access', 'findings', '-q', '-f', file, '-o', 'sarif']).stdout) as SarifLog
    assert.ok(sarif(log), JSON.stringify(sarif.errors))
    const [{ tool, results }] = log.runs
    assert.equal(results.length, csv.trimEnd().split('\n').length - 1)
    const wide = results.find(({ ruleId }) => ruleId === 'wide-group')
    assert.equal(tool.driver.rules[wide?.ruleIndex ?? -1]?.id, 'wide-group')
    assert.match(JSON.stringify(wide?.locations[0]), /code\.yaml.*"startLine":6/)
  })
})
