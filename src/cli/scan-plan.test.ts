import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { isObject, type Json } from '../cluster/json.ts'
import type { Report } from '../report/report.ts'
import { bulkhead, type Ran, scanned, shop, testFolder } from './cli.testing.ts'

const folder = testFolder()
const SHOP = ['-R', '-f', shop]
const HISTORY = ['--history', join(shop, 'history')]

type Validate = (document: unknown) => string
let validate: Validate
before(async () => {
  const { default: Ajv } = await import('ajv/dist/2020.js')
  const schema = JSON.parse(
    readFileSync(new URL('../../docs/reference/v1alpha1.schema.json', import.meta.url), 'utf8'),
  ) as Json
  const check = new Ajv.Ajv2020({ strict: false, allErrors: true }).compile(closed(schema) as object)
  validate = (document) =>
    check(document)
      ? ''
      : JSON.stringify(check.errors?.filter(({ keyword }) => keyword !== 'oneOf' && keyword !== 'const').slice(0, 5))
})

/** The schema with every object closed: what it does not name is an error. */
function closed(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(closed)
  if (!isObject(schema)) return schema
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value as Json)]))
  return schema.type === 'object' && 'properties' in schema && !('additionalProperties' in schema)
    ? { ...inner, additionalProperties: false }
    : inner
}

describe('the plan in JSON', () => {
  let plain: Report
  let proved: Report
  before(() => {
    plain = scanned(SHOP)
    proved = scanned([...SHOP, ...HISTORY])
  })

  test('is as the published schema says, and so is a proof', () => {
    assert.equal(validate(plain), '')
    assert.equal(validate(proved), '')
    assert.ok(proved.rejected?.some(({ proof }) => (proof?.counterexamples.length ?? 0) > 0))
    assert.ok(plain.plan?.some(({ deletes }) => deletes.length > 0))
    const proof = bulkhead(['prove', ...SHOP, ...HISTORY, '--delete', 'RoleBinding/web/deployers', '-o', 'json'])
    assert.equal(validate(JSON.parse(proof.stdout)), '')
  })

  test('its figures add up', () => {
    for (const { plan = [], residual, risk } of [plain, proved]) {
      let now = risk.total
      for (const [at, step] of plan.entries()) {
        assert.equal(step.rank, at + 1)
        assert.ok(Math.abs(step.risk.before - now) < 1e-9 && step.risk.after < now, step.id)
        assert.ok(Math.abs(step.risk.share - (step.risk.before - step.risk.after) / risk.total) < 1e-9, step.id)
        now = step.risk.after
      }
      assert.ok(Math.abs((residual?.risk ?? 0) - now) < 1e-9)
      const shares = plan.reduce((sum, step) => sum + step.risk.share, residual?.share ?? 0)
      assert.ok(Math.abs(shares - 1) < 1e-9, `${shares}`)
    }
  })

  test('with a history it has verdicts, and no step breaks', () => {
    const { plan = [], rejected = [] } = proved
    const verdicts = new Set(plan.map(({ proof }) => proof.verdict))
    assert.ok(verdicts.has('holds') && !verdicts.has('breaks'))
    for (const { proof } of plan) {
      assert.equal(proof.window.days, 14)
      assert.ok(proof.verdict === 'holds' || proof.reasons.length > 0)
    }
    const broken = rejected.find(({ id }) => id === 'revoke-binding-web-legacy-deployer')
    assert.deepEqual([broken?.why, broken?.proof?.verdict], ['breaks', 'breaks'])
    assert.match(broken?.proof?.counterexamples[0]?.first ?? '', /^2026-11-11T16:42/)
    assert.ok(
      plain.plan?.some(({ id }) => id === broken?.id),
      'without the history nothing speaks against it',
    )
  })

  test('is as long as it is asked to be', () => {
    const one = scanned([...SHOP, '--steps', '1'])
    assert.deepEqual([one.plan?.length, validate(one)], [1, ''])
    const none = scanned([...SHOP, '--steps', '0'])
    assert.deepEqual([none.plan, none.residual?.share, validate(none)], [[], 1, ''])
    const without = scanned([...SHOP, '--no-plan'])
    for (const key of ['plan', 'rejected', 'residual']) assert.ok(!(key in without), key)
    assert.deepEqual(without.risk, plain.risk)
    for (const steps of ['-1', '1.5', 'all', '1001'])
      assert.equal(bulkhead(['scan', ...SHOP, '--steps', steps]).status, 2)
  })
})

describe('the plan for people', () => {
  let table: Ran
  let markdown: string
  before(() => {
    markdown = join(folder.path, 'r.md')
    table = bulkhead(['scan', ...SHOP, ...HISTORY, '-o', 'table', '-o', `md=${markdown}`])
  })

  test('on a terminal: sentence, table, what is left, the next command', () => {
    const text = table.stdout.replaceAll(/\s+/g, ' ')
    assert.equal(table.status, 0)
    assert.match(text, /changes remove \d+ % of the risk, .* Replayed over 14 days of recorded history, /)
    assert.match(text, /as to admission only/)
    assert.match(text, /Left: \d+ % of the risk; /)
    assert.ok(text.includes(`bulkhead fix -f ${shop} -R --history ${join(shop, 'history')} --plan 3`))
    assert.ok(table.stdout.split('\n').every((line) => [...line].length <= 120))
  })

  test('in Markdown: the table and every patch, whole', () => {
    const text = readFileSync(markdown, 'utf8')
    assert.match(text, /^## Plan \(\d+\)$/m)
    const rows = text.split('\n').filter((line) => /^\| \d+ \| /.test(line))
    assert.ok(rows.length > 3)
    for (const row of rows) assert.equal(row.split(/(?<!\\)\|/).length - 2, 5, row)
    assert.match(text, /^```diff\n--- a\/.*namespaces\.yaml$/m)
    assert.match(text, /^\+ {4}pod-security\.kubernetes\.io\/enforce: baseline$/m)
    assert.match(text, /^- would break: /m)
  })
})

test('names that an attacker chose stay names: in titles, patches, notes and next commands', () => {
  const EVIL = '\\e]0;owned\\a\\e[31m\\u202eevil</script><img src=x>|[a](javascript:b)\\n```\\n# b'
  const file = folder.write(
    "it's\u001b[31m/evil.yaml",
    `# \`\`\`\n# ${'\u202e'}comment
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  # \`\`\`\`
  name: "${EVIL}"
  labels: {team: "${EVIL}"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: User, name: "${EVIL}"}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: "${EVIL}", namespace: a, labels: {app.kubernetes.io/part-of: "${EVIL}", team: "${EVIL}"}}
spec:
  selector: {matchLabels: {a: a}}
  template:
    metadata: {labels: {a: a}}
    spec: {hostPID: true, containers: [{name: "${EVIL}", image: a, securityContext: {privileged: true}}]}
`,
  )
  const ACTIVE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/
  const markdown = join(folder.path, 'evil.md')
  const yaml = join(folder.path, 'evil.yaml')
  const { status, stdout, stderr } = bulkhead([
    'scan',
    '-f',
    file,
    '-o',
    'table',
    '-o',
    `md=${markdown}`,
    '-o',
    `yaml=${yaml}`,
  ])
  assert.equal(status, 0, stderr)
  const text = readFileSync(markdown, 'utf8')
  for (const each of [stdout, stderr, text, readFileSync(yaml, 'utf8')]) assert.equal(ACTIVE.exec(each), null)
  assert.match(text, /^## Plan \([1-9]/m)
  const fences = [...text.matchAll(/^(`{3,})(diff)?$/gm)].map(([, run, language]) => `${run?.length} ${language ?? ''}`)
  assert.ok(fences.length > 0 && fences.length % 2 === 0, fences.join(', '))
  const prose = text.replaceAll(/^(`{3,})diff\n[\s\S]*?\n\1$/gm, '')
  assert.ok(!/[^\\]<(?!br>)|[^\\]\[a|[^\\]`/.test(prose), prose)
  const names = bulkhead(['fix', '-f', file, '-o', 'name'])
  assert.equal(ACTIVE.exec(names.stdout + names.stderr), null)
  for (const line of names.stdout.trimEnd().split('\n')) assert.match(line, /^[a-z0-9+-]+\t/)
})
