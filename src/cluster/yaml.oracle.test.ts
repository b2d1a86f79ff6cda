import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { isObject, type Json } from './json.ts'
import { parseYaml } from './yaml.ts'

interface Case {
  readonly name: string
  readonly in?: string
  readonly inBase64?: string
  readonly generate?: { readonly kind: string; readonly depth?: number; readonly width?: number }
  readonly out?: string
  readonly error?: string
  readonly anyOf?: readonly { readonly out?: string; readonly error?: string }[]
}

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
const { cases } = read('../../oracle/vectors/yaml.json') as { cases: readonly Case[] }
/** Why, and the cases that it explains. */
const differences = read('./yaml.differences.json') as Record<string, readonly string[]>

const canonical = (value: Json): string =>
  JSON.stringify(value, (_, each: Json) =>
    isObject(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each,
  )

function agrees(item: Case): boolean {
  const parsed = parseYaml(item.in as string)
  const wanted = item.anyOf ?? [item]
  return wanted.some(({ out, error }) =>
    error !== undefined
      ? parsed.problem !== undefined
      : out !== undefined && !parsed.problem && canonical(parsed.value) === canonical(JSON.parse(out)),
  )
}

test('documents read as sigs.k8s.io/yaml reads them, but for the listed differences', () => {
  const explained = new Map(
    Object.entries(differences).flatMap(([why, names]) => names.map((name) => [name, why] as const)),
  )
  const texts = cases.filter((item) => item.in !== undefined)
  assert.ok(texts.length > 2_500)
  for (const item of texts)
    assert.equal(
      agrees(item),
      !explained.has(item.name),
      `${item.name}: ${JSON.stringify(item.in)} ${explained.get(item.name) ?? ''}`,
    )
})

test('a document that cannot hold an alias or a merge key reads as it does where it could', () => {
  let count = 0
  for (const { name, in: text } of cases) {
    // A byte order mark, a directive and the end of a document mean something at the beginning alone.
    if (text === undefined || /[*%\ufeff]|<<|\.\.\./.test(text)) continue
    const { value, problem } = parseYaml(text)
    const other = parseYaml(`# * <<\n${text}`)
    assert.deepEqual([other.value, other.problem?.message], [value, problem?.message], name)
    if (typeof value === 'object') count++
  }
  assert.ok(count > 500, `${count}`)
  const { value } = parseYaml('"\\0\\x3c\\x3c": {a: 1}\nb: "\\0\\x3c\\x3c"\n')
  assert.deepEqual(value, { '\0<<': { a: 1 }, b: '\0<<' })
})

test('what is built to exhaust a reader is refused, or read, in bounded time', () => {
  const generated = cases.filter((item) => item.generate !== undefined)
  assert.ok(generated.length > 30)
  for (const item of generated) {
    const text = generate(item.generate as NonNullable<Case['generate']>)
    const parsed = parseYaml(text)
    const depth = item.generate?.depth ?? 0
    const isDeep = /sequence|mapping/.test(item.generate?.kind ?? '') && depth > 500
    if (isDeep || item.generate?.kind === 'alias-bomb' || item.generate?.kind === 'one-anchor') continue
    if (item.error === undefined) assert.equal(parsed.problem, undefined, item.name)
  }
  const bomb = parseYaml(generate({ kind: 'alias-bomb', depth: 12, width: 10 }))
  assert.match(bomb.problem?.message ?? '', /excessive aliasing/)
  assert.match(parseYaml(generate({ kind: 'flow-sequence', depth: 10_000 })).problem?.message ?? '', /nest/)
  assert.match(parseYaml(generate({ kind: 'block-sequence', depth: 10_000 })).problem?.message ?? '', /nest/)
})

function generate({
  kind,
  depth = 0,
  width = 0,
}: {
  readonly kind: string
  readonly depth?: number
  readonly width?: number
}): string {
  const levels = [...Array(depth).keys()]
  switch (kind) {
    case 'flow-sequence':
      return '['.repeat(depth) + ']'.repeat(depth)
    case 'flow-mapping':
      return '{a: '.repeat(depth) + '}'.repeat(depth)
    case 'block-sequence':
      return `${'- '.repeat(depth)}x\n`
    case 'block-mapping':
      return `${levels.map((at) => `${' '.repeat(at)}a:\n`).join('')}${' '.repeat(depth)}x\n`
    case 'alias-bomb':
      return levels
        .map(
          (at) =>
            `a${at}: &a${at} [${Array(width)
              .fill(at === 0 ? 'x' : `*a${at - 1}`)
              .join(',')}]\n`,
        )
        .join('')
    case 'one-anchor':
      return `a: &a {k: v}\nb:\n${'- *a\n'.repeat(width)}`
    case 'long-key':
      return `${'k'.repeat(width)}: v\n`
    case 'long-quoted-key':
      return `"${'k'.repeat(width)}": v\n`
    case 'long-flow-key':
      return `{${'k'.repeat(width)}: v}\n`
    case 'long-explicit-key':
      return `? ${'k'.repeat(width)}\n: v\n`
    default:
      return `k: ${'w\n '.repeat(Math.floor(width / 3))}w\n`
  }
}

test('hostile keys are data', () => {
  const parsed = parseYaml('__proto__: {polluted: true}\nconstructor: {prototype: {polluted: true}}\n')
  assert.ok(!parsed.problem)
  assert.deepEqual(Object.keys(parsed.value as object), ['__proto__', 'constructor'])
  assert.equal(({} as Record<string, unknown>).polluted, undefined)
  const merged = parseYaml('a: {<<: {__proto__: {polluted: true}}}\n')
  assert.equal(Object.getPrototypeOf((merged.value as { a: object }).a), Object.prototype)
})
