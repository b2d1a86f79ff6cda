import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { field, isObject, type Json, list } from '../cluster/json.ts'
import { parseYaml } from '../cluster/yaml.ts'
import { bulkhead, testFolder } from './cli.testing.ts'
import { EVAL_FORMATS } from './commands/policy/outputs.ts'

const folder = testFolder()
const tree = folder.write(
  'tree/web.yaml',
  `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: web
          securityContext:
            privileged: true
        - name: side
          image: side:1.0.0
          securityContext:
            privileged: true
---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: cni
  namespace: kube-system
  annotations:
    bulkhead.dev/except.privileged: "it sets up the network; platform; never"
spec:
  selector: {matchLabels: {app: cni}}
  template:
    metadata: {labels: {app: cni}}
    spec: {containers: [{name: cni, image: "cni:1.0.0", securityContext: {privileged: true}}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {a: b}
`,
)
const mine = folder.write(
  'mine.yaml',
  `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: reads-a-param}
spec:
  failurePolicy: Fail
  paramKind: {apiVersion: example.com/v1, kind: Limit}
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
  validations: [{expression: "params.spec.most > 1"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: reads-a-param}
spec: {policyName: reads-a-param, validationActions: [Deny], paramRef: {name: absent, parameterNotFoundAction: Deny}}
`,
)
const CHECKS = ['--checks', 'privileged,image-tag-missing,reads-a-param', '--policy', mine]
const run = (...args: readonly string[]) => bulkhead(['policy', 'eval', '-f', tree, ...CHECKS, ...args])

describe('bulkhead policy eval', () => {
  test('prints a table, and exits with 0 though something fails', () => {
    const { status, stdout } = run()
    assert.equal(status, 0)
    assert.match(stdout, /^Critical .*\n {5}1 {2}Container is privileged {2}privileged, fixable\n.*web\.yaml:13\n/m)
    assert.match(stdout, /^Not known/m)
    assert.match(stdout, /it sets up the network \(platform\)/)
    assert.match(
      stdout,
      /For 1 of the failures a fix is known:\n {2}\S+ fix --in-place -f \S+web\.yaml --checks privileged,image-tag-missing,reads-a-param --policy /,
    )
  })

  test('several outputs at once are of one run', () => {
    const files = EVAL_FORMATS.map((format) => `${format}=${join(folder.path, `out.${format}`)}`)
    const { status, stdout, stderr } = run(...files.flatMap((file) => ['-o', file]))
    assert.deepEqual([status, stdout], [0, ''], stderr)
    const read = (format: string): string => readFileSync(join(folder.path, `out.${format}`), 'utf8')
    for (const format of EVAL_FORMATS) assert.match(read(format), /privileged|runAsPrivileged/, format)
    const json = JSON.parse(read('json')) as { items: { result: string }[] }
    assert.deepEqual(json.items.map(({ result }) => result).sort(), ['excepted', 'fail', 'fail', 'unknown'])
    assert.deepEqual(parseYaml(read('yaml')).value, json)
    const sarif = JSON.parse(read('sarif')) as { runs: [{ results: unknown[] }] }
    assert.equal(sarif.runs[0].results.length, 4)
    assert.equal(read('csv').trimEnd().split('\r\n').length, 5)
    assert.match(read('junit'), /tests="5" failures="2" errors="1" skipped="1"/)
    assert.equal(read('name'), 'image-tag-missing Deployment/shop/web\nprivileged Deployment/shop/web\n')
  })

  test('SARIF has the place of the key, and the second container beside it', () => {
    const { stdout } = run('-o', 'sarif')
    const [{ results }] = (JSON.parse(stdout) as { runs: [{ results: Record<string, Json>[] }] }).runs
    const found = results.find(({ ruleId, suppressions }) => ruleId === 'privileged' && suppressions === undefined)
    const regionOf = (key: string): Json | undefined => {
      const [location] = list(found?.[key])
      return field(field(location, 'physicalLocation'), 'region')
    }
    assert.deepEqual(regionOf('locations'), {
      startLine: 13,
      startColumn: 13,
      endLine: 13,
      endColumn: 23,
    })
    assert.equal(field(regionOf('relatedLocations'), 'startLine'), 17)
  })

  test('SARIF carries what repairs a failure, as changes of lines', () => {
    const { stdout } = run('-o', 'sarif')
    const [{ results }] = (JSON.parse(stdout) as { runs: [{ results: Record<string, Json>[] }] }).runs
    const [fix, ...others] = results.flatMap(({ fixes }) => list(fixes))
    assert.equal(others.length, 0, 'only one check has a fix, and what is accepted needs none')
    const lines = readFileSync(tree, 'utf8').split('\n')
    for (const each of list(field(list(field(fix, 'artifactChanges'))[0], 'replacements')).toReversed()) {
      const region = field(each, 'deletedRegion')
      const [start, end] = ['startLine', 'endLine'].map((key) => Number(field(region, key)) - 1) as [number, number]
      const text = field(field(each, 'insertedContent'), 'text') as string
      lines.splice(start, end - start, ...text.split('\n').slice(0, -1))
    }
    const mended = folder.write('mended.yaml', lines.join('\n'))
    const { items } = JSON.parse(
      bulkhead(['policy', 'eval', '-f', mended, '--checks', 'privileged', '-o', 'json']).stdout,
    ) as { items: { result: string }[] }
    assert.deepEqual(
      items.map(({ result }) => result),
      ['excepted'],
    )
  })

  test('what cannot be read is in the outputs, and the exit code says so', () => {
    const broken = folder.write('broken/bad.yaml', 'a: [')
    const { status, stdout } = bulkhead(['policy', 'eval', '-f', broken, '-o', 'sarif', ...CHECKS])
    assert.equal(status, 3)
    assert.match(stdout, /"executionSuccessful":false.*BH_YAML/)
  })

  test('a check that is not known is refused, and one without its params is told', () => {
    const unknown = bulkhead(['policy', 'eval', '-f', tree, '--checks', 'privilegd'])
    assert.deepEqual([unknown.status, unknown.stdout], [2, ''])
    assert.match(unknown.stderr, /no check has the id privilegd/)
    const unset = bulkhead(['policy', 'eval', '-f', tree, '--checks', 'privileged,registry-not-allowed'])
    assert.equal(unset.status, 0)
    assert.match(unset.stderr, /^registry-not-allowed was not asked: it needs params/m)
  })

  test('a policy that cannot be read makes the run partial', () => {
    const bad = folder.write('broken/policy.yaml', 'a: [')
    assert.equal(bulkhead(['policy', 'eval', '-f', tree, '--policy', bad]).status, 3)
    assert.equal(bulkhead(['policy', 'eval', '-f', tree, '--policy', bad, '--allow-partial']).status, 0)
  })

  test('what --policy names and no policy uses is told', () => {
    const text = readFileSync(mine, 'utf8')
    const others = folder.write(
      'others.yaml',
      `${text}---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: b}
spec: {policyName: not-there, validationActions: [Deny]}
---
apiVersion: example.com/v1
kind: Limit
metadata: {name: l}
---
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: k}
`,
    )
    const { stderr } = bulkhead(['policy', 'eval', '-f', tree, '--policy', others])
    assert.match(
      stderr,
      /^ValidatingAdmissionPolicyBinding b does nothing: there is no ValidatingAdmissionPolicy not-there$/m,
    )
    assert.match(stderr, /^--policy: 1 object of kind ClusterPolicy not used/m)
    assert.doesNotMatch(stderr, /of kind Limit/)
    assert.doesNotMatch(bulkhead(['policy', 'eval', '-f', tree, '--policy', mine]).stderr, /does nothing|not used/)
  })

  test('a version of Pod Security that is not known yet is the latest, and told', () => {
    const asked = (version: string) =>
      bulkhead(['policy', 'eval', '-f', tree, '--profile', 'baseline', '--profile-version', version, '-o', 'name'])
    const [newer, latest] = [asked('v1.99'), asked('latest')]
    assert.match(newer.stderr, /^Pod Security v1\.99 is newer than v1\.37/m)
    assert.doesNotMatch(latest.stderr, /newer/)
    assert.equal(newer.stdout, latest.stdout)
    assert.notEqual(latest.stdout, '')
  })

  test('a format that is not known is refused before anything is read', () => {
    const file = join(folder.path, 'never.json')
    const { status, stderr } = run('-o', `json=${file}`, '-o', 'pdf')
    assert.equal(status, 2)
    assert.match(stderr, /-o pdf is not known; choose one of table, wide/)
    assert.ok(!existsSync(file))
  })

  test('the profile polaris shows the score that the audit has', () => {
    const input = ['policy', 'eval', '-f', tree, '--profile', 'polaris']
    const audit = JSON.parse(bulkhead([...input, '-o', 'polaris']).stdout) as { Score: number }
    assert.ok(audit.Score > 0 && audit.Score < 100)
    assert.ok(bulkhead(input).stdout.replaceAll(/\s+/g, ' ').includes(`Polaris’ score: ${audit.Score} of 100`))
  })
})

describe('bulkhead policy list', () => {
  const items = (...args: readonly string[]): readonly Record<string, Json>[] =>
    (JSON.parse(bulkhead(['policy', 'list', '-o', 'json', ...args]).stdout) as { items: Record<string, Json>[] }).items

  test('has every check once, sorted, and profiles are parts of it', () => {
    const all = items().map(({ id }) => id as string)
    assert.deepEqual(all, [...new Set(all)].sort())
    for (const profile of ['default', 'baseline', 'restricted', 'polaris']) {
      const some = items('--profile', profile)
      assert.ok(some.length > 5 && some.length < all.length)
      for (const { id, profiles } of some) assert.ok((profiles as string[]).includes(profile), `${id} ${profile}`)
    }
    assert.equal(bulkhead(['policy', 'list', '-o', 'name']).stdout.trimEnd().split('\n').length, all.length)
  })

  test('has policies of the user, which have no page', () => {
    const own = items('--policy', mine).find(({ id }) => id === 'reads-a-param')
    assert.equal(own?.decided, 'policy')
    assert.equal(own?.page, undefined)
  })

  test('a table and Markdown name each of them', () => {
    assert.match(bulkhead(['policy', 'list']).stdout, /^privileged +critical +yes +Container is privileged/m)
    assert.match(
      bulkhead(['policy', 'list', '-o', 'md']).stdout,
      /^\| privileged \| Container is privileged \| critical \|/m,
    )
  })
})

test('the published schema describes both documents, and nothing in them is left out of it', async () => {
  const { default: Ajv } = await import('ajv/dist/2020.js')
  const text = readFileSync(new URL('../../docs/reference/v1alpha1.schema.json', import.meta.url), 'utf8')
  const validate = new Ajv.Ajv2020({ strict: false, allErrors: true }).compile(
    closed(JSON.parse(text) as Json) as object,
  )
  for (const args of [
    ['eval', '-f', tree, ...CHECKS, '-o', 'json'],
    ['eval', '-f', tree, '--profile', 'all', '--all-results', '-o', 'json'],
    ['eval', '-f', tree, '--profile', 'polaris', '-o', 'json'],
    ['list', '-o', 'json'],
  ]) {
    const isGood = validate(JSON.parse(bulkhead(['policy', ...args]).stdout))
    const errors = validate.errors?.filter(({ keyword }) => keyword !== 'oneOf' && keyword !== 'const')
    assert.ok(isGood, `${args.join(' ')}: ${JSON.stringify(errors?.slice(0, 5))}`)
  }
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

test('the page of the command line names every option of both', () => {
  const page = readFileSync(new URL('../../docs/reference/cli.md', import.meta.url), 'utf8')
  for (const command of ['eval', 'list']) {
    const options = [...bulkhead(['policy', command, '--help']).stdout.matchAll(/--[a-z-]+/g)].map(([option]) => option)
    assert.ok(options.length > 4)
    for (const option of options) {
      if (['--help', '--filename', '--recursive', '--namespace', '--output', '--quiet'].includes(option)) continue
      assert.ok(page.includes(option), `${command} ${option}`)
    }
  }
})
