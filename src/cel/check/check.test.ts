import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { tests as checking } from '@bufbuild/cel-spec/testdata/checking.js'
import { tests as parsing } from '@bufbuild/cel-spec/testdata/parsing.js'
import { compile } from '../cel.ts'
import { makeEnv } from '../env.ts'
import { OPTIONAL } from '../standard/optional.ts'
import { STANDARD } from '../standard/standard.ts'
import { type Adorn, debugText, squeezed } from '../syntax/debug.testing.ts'
import { displayText } from '../syntax/display.ts'
import { parse } from '../syntax/parse.ts'
import { BOOL, BYTES, DOUBLE, DYN, INT, listOf, mapOf, NULL, objectType, STRING, type Type, UINT } from '../type.ts'
import { vectorEnv } from '../vectors.testing.ts'
import { type Checked, check } from './check.ts'
import { formatType } from './format.ts'

interface Case {
  readonly expr: string
  readonly topic: string
  readonly issues?: readonly string[]
  readonly text?: string
  /** `expr` is the first, the second so many times, and the last. */
  readonly repeat?: readonly [string, string, number, string]
}

interface Vectors {
  readonly cases: readonly Case[]
  readonly differences: readonly { readonly kubernetes: string; readonly index: number; readonly case: Case }[]
}

const vectors: Vectors = JSON.parse(
  readFileSync(new URL('../../../oracle/vectors/cel-check.json', import.meta.url), 'utf8'),
)

/** What is not as in Kubernetes: messages of protobuf are not known, and Go's crash over a key that is bytes is not copied. */
const SKIPPED: ReadonlySet<string> = new Set([
  'google.protobuf.Duration{seconds: 1}',
  'google.protobuf.Int32Value{value: 1}',
  "{b'a': 1}",
])

/** What becomes of an expression, as the vectors tell it. */
function told(minor: number, expr: string): Pick<Case, 'issues' | 'text'> {
  const { issues } = compile(expr, vectorEnv(minor))
  if (issues === undefined) return { issues: [] }
  // Without a place are what the vectors take down of a crash, and what is found once the expression is checked.
  const bare = issues.length === 1 && /^(?:panic|program instantiation failed):/.test(issues[0]!.message)
  if (bare) return { issues: [issues[0]!.message], text: issues[0]!.message }
  const shown = issues.map(({ line, column, message }) => `${line}:${column + 1}: ${message}`)
  return { issues: shown, text: `compilation failed: ${displayText(issues, expr)}` }
}

for (const minor of [36, 37]) {
  test(`${vectors.cases.length} expressions as Kubernetes 1.${minor} checks them`, () => {
    const own = new Map(
      vectors.differences
        .filter((each) => minor === 37 && each.kubernetes === '1.37.1')
        .map((each) => [each.index, each.case]),
    )
    const different = vectors.cases.flatMap((vector, index) => {
      const { topic: _, repeat, ...wanted } = own.get(index) ?? vector
      const [before, unit, times, after] = repeat ?? [vector.expr, '', 0, '']
      if (SKIPPED.has(vector.expr)) return []
      const { text, ...found } = told(minor, before + unit.repeat(times) + after)
      // Of texts made by repetition the vectors leave the display out.
      if (repeat === undefined && text !== undefined) Object.assign(found, { text })
      const { expr: _expr, ...rest } = wanted
      return JSON.stringify(found) === JSON.stringify(rest) ? [] : [{ expr: vector.expr, repeat, rest, found }]
    })
    assert.deepEqual(different, [])
  })
}

/** What cel-go's checker tests declare where they say nothing else. */
const DEFAULT: ReadonlyMap<string, Type> = new Map([
  ['is', STRING],
  ['ii', INT],
  ['iu', UINT],
  ['iz', BOOL],
  ['ib', BYTES],
  ['id', DOUBLE],
  ['ix', NULL],
])
const PRIMITIVES: Readonly<Record<string, Type>> = { STRING, INT64: INT, BOOL, UINT64: UINT, DOUBLE, BYTES }

/** A type of the data, as JSON of protobuf; undefined: one of protobuf's own. */
function declared(json: Readonly<Record<string, unknown>>): Type | undefined {
  const [[kind, of] = []] = Object.entries(json)
  const inner = (name: string) => declared((of as Record<string, Record<string, unknown>>)[name] ?? {})
  if (kind === 'dyn') return DYN
  if (kind === 'primitive') return PRIMITIVES[String(of)]
  if (kind === 'listType') {
    const element = inner('elemType')
    return element && listOf(element)
  }
  if (kind !== 'mapType') return undefined
  const [key, value] = [inner('keyType'), inner('valueType')]
  return key && value && mapOf(key, value)
}

test('types and overloads as cel-go’s tests print them, where no protobuf is asked for', () => {
  let checked = 0
  for (const { original, checkedAst, type } of [...(parsing.tests ?? []), ...(checking.tests ?? [])]) {
    const expr = original.expr ?? ''
    const given = (original.typeEnv ?? []) as unknown as readonly {
      name: string
      ident?: { type: Record<string, unknown> }
    }[]
    const types = given.map(({ name, ident }) => [name, ident && declared(ident.type)] as const)
    // Names in a container, messages, and aggregates of protobuf's types.
    if (checkedAst === undefined || original.container !== undefined || types.some(([, type]) => type === undefined))
      continue
    if (/google\.|pb[23]|fg_s|fi_s_s|TestAllTypes/.test(expr)) continue
    const variables = new Map([...DEFAULT, ...(types as [string, Type][])])
    const env = makeEnv({ minor: 36, language: 28, mixed: true, libraries: [STANDARD, OPTIONAL], variables })
    const parsed = parse(expr, env.syntax)
    const result = check(parsed.expr!, env, expr)
    assert.deepEqual(result.issues, undefined, expr)
    if (result.issues !== undefined) continue
    assert.equal(formatType(result.type), type, expr)
    assert.equal(debugText(parsed.expr!, adornWith(result)), squeezed(checkedAst), expr)
    checked++
  }
  assert.ok(checked > 80, String(checked))
})

function adornWith({ types, references }: Checked): Adorn {
  return (node) => {
    if (!('kind' in node)) return ''
    const type = types.get(node.id)
    const reference = references.get(node.id)
    if (type === undefined) return ''
    if (reference === undefined) return `~${formatType(type)}`
    const name = reference.kind === 'ident' ? reference.name : overloadsOf(reference)
    return `~${formatType(type)}^${name}`
  }
}

function overloadsOf({ overloads }: { readonly overloads: readonly { readonly id: string }[] }): string {
  return overloads
    .map(({ id }) => id)
    .sort()
    .join('|')
}

const POD = new Map<string, ReadonlyMap<string, Type>>([
  [
    'Pod',
    new Map([
      ['spec', objectType('Pod.spec')],
      ['kind', STRING],
    ]),
  ],
  [
    'Pod.spec',
    new Map<string, Type>([
      ['containers', listOf(objectType('Container'))],
      ['nodes', mapOf(STRING, INT)],
    ]),
  ],
  [
    'Container',
    new Map<string, Type>([
      ['image', STRING],
      ['any', DYN],
    ]),
  ],
])

test('structures of a provider: fields, literals, what is not there', () => {
  const env = makeEnv({
    minor: 36,
    libraries: [STANDARD, OPTIONAL],
    variables: new Map<string, Type>([
      ['object', objectType('Pod')],
      ['a.b', INT],
      ['a', mapOf(STRING, STRING)],
    ]),
    provider: {
      findType: (name) => (POD.has(name) ? objectType(name) : undefined),
      findField: (type, field) => POD.get(type)?.get(field),
    },
  })
  const typeOrIssues = (expr: string): string => {
    const parsed = parse(expr, env.syntax)
    const result = parsed.expr === undefined ? parsed : check(parsed.expr, env, expr)
    return result.issues === undefined
      ? formatType(result.type)
      : result.issues.map(({ line, column, message }) => `${line}:${column}: ${message}`).join('\n')
  }
  const cases: readonly (readonly [expr: string, found: string])[] = [
    ['object.spec.containers[0].image', 'string'],
    ['object.spec.containers.map(c, c.any)', 'list(dyn)'],
    ['object.spec.nodes.x', 'int'],
    ['object.?spec.?nodes.?x', 'optional_type(int)'],
    ['has(object.kind)', 'bool'],
    ['object.spec.image', "1:11: undefined field 'image'"],
    ['has(object.status)', "1:3: undefined field 'status'"],
    ['object.constructor', "1:6: undefined field 'constructor'"],
    ['object.spec.containers.all(c, c.images == "")', "1:31: undefined field 'images'"],
    ['Pod{kind: "a", spec: Pod.spec{nodes: {}}}', 'Pod'],
    ['Pod{kind: 1}', "1:8: expected type of field 'kind' is 'string' but provided type is 'int'"],
    ['Pod{?kind: "a"}', "1:11: expected type 'optional_type(string)' but found 'string'"],
    ['Pod{kinds: "a"}', "1:9: undefined field 'kinds'"],
    ['Pod', 'type(Pod)'],
    ['a.b', 'int'],
    ['a.c', 'string'],
    ['.a.b', 'int'],
    ['[1].all(a, a.b == 1)', 'bool'],
    ['__proto__', "1:0: undeclared reference to '__proto__' (in container '')"],
    ['toString()', "1:8: undeclared reference to 'toString' (in container '')"],
  ]
  for (const [expr, found] of cases) assert.equal(typeOrIssues(expr), found, expr)
})

test('types that would not end', () => {
  const env = makeEnv({ minor: 36, libraries: [STANDARD] })
  const expr = `[1]${'.map(x, {x: x})'.repeat(60)}`
  const { issues } = check(parse(expr, env.syntax).expr!, env, expr)
  assert.match(issues?.[0]?.message ?? '', /^expression types take more than \d+ steps$/)
  for (const wide of [`[${'[],'.repeat(30_000)}]`, `[${'{},'.repeat(30_000)}]`, `x${' + x'.repeat(200)}`]) {
    const before = process.cpuUsage().user
    check(parse(wide, env.syntax).expr!, env, wide)
    assert.ok((process.cpuUsage().user - before) / 1000 < 3000)
  }
})
