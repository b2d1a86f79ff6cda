import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { at, isObject, type Json, type JsonObject } from '../json.ts'
import { DEFAULT_MINOR } from '../version.ts'
import { asAdmitted } from './admitted.ts'
import { builtInKinds, type FieldSchema, schemaOf, type ValueSchema } from './schema.ts'

interface Vector {
  readonly in: JsonObject
  readonly out?: JsonObject
  readonly error?: string
  /** By minor release, where it is another: a digest of what is shown, nothing for a refusal. */
  readonly others?: Readonly<Record<string, string>>
}

const file = JSON.parse(readFileSync(new URL('../../../oracle/vectors/admitted.json', import.meta.url), 'utf8')) as {
  readonly kubernetes: string
  readonly others: readonly string[]
  readonly cases: readonly Vector[]
}

const minorOf = (release: string): number => Number(release.split('.')[1])

/** As Go writes it: keys sorted. No key of the vectors sorts otherwise by UTF-8 than by UTF-16. */
function text(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item) => text(item as Json)).join()}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${text(value[key] as Json)}`)
  return `{${members.join()}}`
}

const digest = (shown: Json): string => createHash('sha256').update(text(shown)).digest('hex').slice(0, 8)

/** Kubernetes 1.37 fills these when the Pod is created: before admission, but not where the vectors look. */
function isFilledLater(object: JsonObject, minor: number): boolean {
  return minor >= 37 && object.kind === 'Pod' && isObject(at(object, 'spec', 'resources'))
}

function hasType(object: JsonObject, minor: number): boolean {
  const [group, version] = /\//.test(String(object.apiVersion)) ? String(object.apiVersion).split('/') : ['', 'v1']
  return schemaOf(group as string, version as string, String(object.kind), minor) !== undefined
}

describe('an object as admission sees it', () => {
  test(`as Kubernetes ${file.kubernetes} shows it (${file.cases.length} objects)`, () => {
    assert.equal(minorOf(file.kubernetes), DEFAULT_MINOR)
    for (const [index, { in: body, out, error }] of file.cases.entries()) {
      const admitted = asAdmitted({ body })
      if (error !== undefined) {
        assert.notEqual(admitted.problems.length, 0, `case ${index}: ${error}`)
        continue
      }
      assert.deepEqual(admitted.problems, [], `case ${index}`)
      assert.deepEqual(admitted.body, out, `case ${index}`)
    }
  })

  for (const release of file.others) {
    const minor = minorOf(release)
    test(`as Kubernetes ${release} shows it`, () => {
      let differ = 0
      for (const [index, { in: body, out, others }] of file.cases.entries()) {
        if (isFilledLater(body, minor)) continue
        const expected = others?.[minor] ?? (out === undefined ? '' : digest(out))
        const { body: shown, problems } = asAdmitted({ body }, minor)
        const refused = problems.length > 0 || !hasType(body, minor)
        assert.equal(refused ? '' : digest(shown), expected, `case ${index}: ${text(shown)}`)
        if (others?.[minor] !== undefined) differ++
      }
      assert.notEqual(differ, 0)
    })
  }

  test('asked of its result, the answer is the same', () => {
    for (const { in: body } of file.cases) {
      for (const minor of [28, 33, 36, 37]) {
        const once = asAdmitted({ body }, minor)
        assert.deepEqual(asAdmitted({ body: once.body }, minor).body, once.body)
      }
    }
  })

  test('nothing is changed in place', () => {
    for (const { in: body } of file.cases) {
      const before = JSON.stringify(body)
      asAdmitted({ body: frozen(body) as JsonObject })
      assert.equal(JSON.stringify(body), before)
    }
  })

  test('what does not change is shared', () => {
    const body = file.cases[0]?.out as JsonObject
    assert.equal(asAdmitted({ body }).body, body)
    const labels = { app: 'a' }
    const given = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', labels }, spec: { containers: [] } }
    assert.equal(at(asAdmitted({ body: given }).body, 'metadata', 'labels'), labels)
    let shared = 0
    for (const { in: each, out } of file.cases) {
      if (out === undefined) continue
      const again = asAdmitted({ body: out }).body
      assert.deepEqual(again, out)
      if (again === out) shared++
      assert.equal(Object.keys(each).length > 0, true)
    }
    assert.ok(shared > file.cases.length * 0.8, `${shared} of ${file.cases.length}`)
  })

  test('a path into the result is a path into the object', () => {
    for (const { in: body, out } of file.cases) {
      if (out !== undefined) sameLengths(body, asAdmitted({ body }).body)
    }
  })

  test('a kind without a built-in type stays as it is', () => {
    for (const [apiVersion, kind] of [
      ['argoproj.io/v1alpha1', 'Rollout'],
      ['apps/v9', 'Deployment'],
      ['v1', 'constructor'],
      ['__proto__', '__proto__'],
    ] as const) {
      const body: JsonObject = { apiVersion, kind, metadata: null, spec: { unknown: null, empty: [] } }
      assert.deepEqual(asAdmitted({ body }), { body, problems: [] })
      assert.equal(asAdmitted({ body }).body, body)
    }
  })

  test('a value of another type stays, and is told with its path', () => {
    const body = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', labels: { ok: 'yes', bad: true } },
      spec: { hostNetwork: 'true', containers: [{ name: 'a', image: 'a:1', ports: [{ containerPort: '80' }, 7] }] },
    }
    const { body: shown, problems } = asAdmitted({ body })
    assert.deepEqual(problems, [
      { path: ['metadata', 'labels', 'bad'], message: 'must be a string' },
      { path: ['spec', 'hostNetwork'], message: 'must be a boolean' },
      { path: ['spec', 'containers', 0, 'ports', 0, 'containerPort'], message: 'must be an integer of 32 bits' },
      { path: ['spec', 'containers', 0, 'ports', 1], message: 'must be an object' },
    ])
    assert.equal(at(shown, 'spec', 'hostNetwork'), 'true')
    assert.deepEqual(at(shown, 'spec', 'containers', 0, 'ports'), [{ containerPort: '80', protocol: 'TCP' }, 7])
  })

  test('fields and kinds come and go with the release', () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {},
      spec: { containers: [], securityContext: { appArmorProfile: { type: 'Unconfined' } } },
    }
    assert.deepEqual(at(asAdmitted({ body: pod }, 29).body, 'spec', 'securityContext'), {})
    assert.deepEqual(at(asAdmitted({ body: pod }, 30).body, 'spec', 'securityContext'), pod.spec.securityContext)
    const template = { apiVersion: 'v1', kind: 'PodTemplate', template: {} }
    assert.deepEqual(at(asAdmitted({ body: template }, 33).body, 'template', 'metadata'), { creationTimestamp: null })
    assert.deepEqual(at(asAdmitted({ body: template }, 34).body, 'template', 'metadata'), {})
    assert.deepEqual(asAdmitted({ body: template }, 99), asAdmitted({ body: template }, 37))
    assert.deepEqual(asAdmitted({ body: template }, Number.NaN), asAdmitted({ body: template }))
  })
})

describe('hostile objects', () => {
  const kinds = builtInKinds().map((name) => ({
    apiVersion: name.slice(0, name.lastIndexOf('/')),
    kind: name.slice(name.lastIndexOf('/') + 1),
  }))

  test('any JSON as any kind: no error, no change, the same again', () => {
    const keys = fc.constantFrom(
      'spec',
      'metadata',
      'template',
      'containers',
      'status',
      'data',
      '__proto__',
      'constructor',
      'labels',
      'limits',
    )
    const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom<Json>(null, true, 0, -1, 1.5, 1e300, '', 'x', '1Gi', '2024-01-02T03:04:05Z'),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.array(fc.tuple(keys, tie('tree')), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs) as Json),
      ),
    }))
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        tree,
        fc.constantFrom('spec', 'metadata', 'data', 'webhooks'),
        (kind, value, key) => {
          const body = frozen({ ...kind, [key]: value }) as JsonObject
          const once = asAdmitted({ body })
          assert.deepEqual(asAdmitted({ body: once.body }).body, once.body)
        },
      ),
      { numRuns: 3000 },
    )
  })

  test('every field of every kind with a value of every wrong type', () => {
    const wrong: readonly Json[] = [true, 3.5, -1e300, 'text', [], {}, [null], { '': null }, [[]], '\u0000']
    let asked = 0
    for (const kind of ['Pod', 'Service', 'Secret', 'Namespace', 'Node', 'LimitRange']) {
      const schema = schemaOf('', 'v1', kind)
      assert.ok(schema)
      for (const [path, field] of fieldPaths(schema.fields, 4)) {
        if (field.value.kind === 'raw') continue
        for (const value of wrong) {
          asAdmitted({ body: frozen(placed({ apiVersion: 'v1', kind }, path, value)) as JsonObject })
          asked++
        }
      }
    }
    assert.ok(asked > 5_000, String(asked))
  })

  test('nesting of any depth', () => {
    let schema: Json = { type: 'string' }
    let list: Json = []
    for (let depth = 0; depth < 10_000; depth++) {
      schema = { properties: { a: schema } }
      list = [list]
    }
    const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }
    const deep = asAdmitted({
      body: { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', spec: { versions: [version] } },
    })
    assert.match(deep.problems[0]?.message ?? '', /nested deeper/)
    const lists = asAdmitted({ body: { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: { containers: list } } })
    assert.equal(lists.problems.length, 1)
  })

  test('lists of any length, and no more problems than a person reads', () => {
    const containers = Array.from({ length: 100_000 }, () => 7)
    const { body, problems } = asAdmitted({
      body: { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: { containers } },
    })
    assert.deepEqual(at(body, 'spec', 'containers'), containers)
    assert.equal(problems.length, 100)
  })

  test('keys like members of every object', () => {
    const labels = JSON.parse('{"__proto__": "a", "constructor": "b", "toString": null}') as JsonObject
    const body = JSON.parse(
      '{"apiVersion": "v1", "kind": "Pod", "metadata": {}, "__proto__": {"spec": 1}, "constructor": 1}',
    )
    const { body: shown } = asAdmitted({ body: { ...body, metadata: { labels } } })
    assert.deepEqual(Object.keys(shown), ['apiVersion', 'kind', 'metadata', 'spec', 'status'])
    assert.deepEqual(
      Object.entries(at(shown, 'metadata', 'labels') as JsonObject),
      Object.entries({ ...labels, toString: '' }),
    )
    assert.equal(({} as JsonObject).spec, undefined)
  })

  test('texts that make scanners slow', () => {
    const long = 'a'.repeat(1_000_000)
    const spec = {
      containers: [long, `${long}:latest`, `${'-a'.repeat(400_000)}/x`, `a${'_'.repeat(4_000)}`].map((image) => ({
        image,
        name: image,
      })),
      overhead: {
        a: '1'.repeat(1_000_000),
        b: `1e${'9'.repeat(100_000)}`,
        c: `${'0'.repeat(300_000)}.`,
        d: '1e999999999',
      },
    }
    const before = process.cpuUsage()
    const { problems } = asAdmitted({
      body: { apiVersion: 'v1', kind: 'Pod', metadata: { creationTimestamp: long }, spec },
    })
    assert.equal(problems.length, 5)
    const secret = asAdmitted({
      body: { apiVersion: 'v1', kind: 'Secret', metadata: {}, data: { a: `${long}=a`, b: long } },
    })
    assert.equal(secret.problems.length, 1)
    const used = process.cpuUsage(before)
    assert.ok(used.user + used.system < 2_000_000, `${used.user + used.system} µs`)
  })
})

function frozen(value: Json): Json {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const item of Object.values(value)) frozen(item)
  return Object.freeze(value) as Json
}

/** Lists that a field beside them overrules. */
const REPLACED: ReadonlySet<string> = new Set(['podIPs', 'podCIDRs'])

function sameLengths(before: Json | undefined, after: Json | undefined): void {
  if (Array.isArray(before) && Array.isArray(after)) {
    if (before.length > 0) assert.equal(after.length, before.length)
    before.forEach((item, index) => {
      sameLengths(item as Json, after[index] as Json)
    })
  } else if (isObject(before) && isObject(after)) {
    for (const key of Object.keys(before)) {
      if (!REPLACED.has(key) && Object.hasOwn(after, key)) sameLengths(before[key], after[key])
    }
  }
}

type Names = readonly string[]

function* fieldPaths(fields: ReadonlyMap<string, FieldSchema>, depth: number): Generator<[Names, FieldSchema]> {
  for (const field of fields.values()) {
    yield [[field.name], field]
    const struct = structIn(field.value)
    if (struct && depth > 1)
      for (const [path, inner] of fieldPaths(struct, depth - 1)) yield [[field.name, ...path], inner]
  }
}

function structIn(value: ValueSchema): ReadonlyMap<string, FieldSchema> | undefined {
  if (value.kind === 'struct') return value.struct.fields
  return value.kind === 'pointer' || value.kind === 'list' ? structIn(value.of) : undefined
}

/** Through objects and one-item lists alike: both are tried, since one of them is of the wrong type. */
function placed(object: JsonObject, path: Names, value: Json): JsonObject {
  const [first = '', ...rest] = path
  if (rest.length === 0) return { ...object, [first]: value }
  const inner = placed({}, rest, value)
  const isList = /s$/.test(first) && first !== 'status' && first !== 'resources'
  return { ...object, [first]: isList ? [inner] : inner }
}
