import fc from 'fast-check'
import { isObject, type Json, type JsonObject, type Path } from '../json.ts'
import { resolvePlain } from '../scalar.ts'
import { parseYaml } from '../yaml.ts'
import { same } from './apply.ts'

/** Values whose texts have traps in every style; few, so that they come up again and can be aliases. */
const WORDS = [
  'a',
  'b c',
  'yes',
  'on',
  '0400',
  '1e3',
  '2001-01-01',
  '=',
  '',
  '~',
  'null',
  "it's",
  '"q"',
  'x: y',
  'a #b',
]
const TEXTS = [...WORDS, '- x', '[x', '{{ x }}', '*x', '&x', '!x', '|', '%a', '@b', 'é ü', 'tab\there', ' lead', 'end ']
const LINES = ['one\ntwo\n', 'one\ntwo', '  deep\nless\n', 'a\n\nb\n', '# no comment\nx\n', 'keep\n\n\n', '\nfirst\n']
const KEYS = ['name', 'spec', 'a.b/c', 'on', '0', '__proto__', 'constructor', 'x y', 'key: 1', '#k', "k'", '', '<<x']

const scalar = fc.oneof(
  fc.constantFrom<Json>(...TEXTS, ...LINES),
  fc.constantFrom<Json>(null, true, false, 0, -1, 1.5, 1e21, 100),
)

export const { value } = fc.letrec<{ value: Json; list: Json; map: Json }>((tie) => ({
  list: fc.array(tie('value'), { maxLength: 3 }),
  map: fc
    .uniqueArray(fc.tuple(fc.constantFrom(...KEYS), tie('value')), { maxLength: 4, selector: ([key]) => key })
    .map((pairs) => Object.fromEntries(pairs) as Json),
  value: fc.oneof({ depthSize: 'medium', withCrossShrink: true }, scalar, tie('map'), tie('list'), tie('map')),
}))

export interface Written {
  readonly bytes: Buffer
  readonly value: JsonObject
  readonly extent: { readonly start: number; readonly end: number }
}

/** Throws dice: a number below the given one. */
export type Dice = (below: number) => number

export function diceOf(seed: number): Dice {
  let state = (seed ^ 0x9e3779b9) >>> 0
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) >>> 0
    const mixed = Math.imul(state ^ (state >>> 12), 0x297a2d39) >>> 0
    return ((mixed ^ (mixed >>> 15)) >>> 0) % below
  }
}

/** One object as text in a style that the dice choose, among other documents of the stream. */
export function writeStream(value: JsonObject, dice: Dice, hasAliases: boolean): Written {
  const writer = new Writer(dice, hasAliases)
  let text = writer.document(value)
  if (dice(4) === 0) text = text.replace(/\n$/, '')
  const others = ['# none\n', 'a: 1 # one\n', '%YAML 1.2\n', '']
  const before = dice(2) === 0 ? `${others[dice(4)]}--- # first\n` : ''
  const isLast = !text.endsWith('\n')
  const after = isLast || dice(2) === 0 ? '' : `---\n${others[dice(3)]}`
  const mark = dice(5) === 0 ? '\ufeff' : ''
  const crlf = dice(4) === 0 ? (each: string) => each.replaceAll('\n', '\r\n') : (each: string) => each
  const parts = [mark + crlf(before), crlf(text), crlf(after)] as const
  // A separator behind a byte order mark is none to those who cut before they parse.
  const isWhole = before === '' || (mark !== '' && before.startsWith('---'))
  const start = isWhole ? 0 : Buffer.byteLength(parts[0])
  const end = Buffer.byteLength(parts[0] + parts[1])
  return { bytes: Buffer.from(parts.join('')), value, extent: { start, end } }
}

class Writer {
  readonly #dice: Dice
  readonly #hasAliases: boolean
  readonly #anchors: { name: string; value: Json }[] = []
  #count = 0

  constructor(dice: Dice, hasAliases: boolean) {
    this.#dice = dice
    this.#hasAliases = hasAliases
  }

  document(value: JsonObject): string {
    const column = this.#one(6) ? 2 : 0
    const lines = this.#block(value, column)
    const end = this.#one(6) ? '...\nignored: [\n' : ''
    return `${this.#between(column)}${lines}${this.#between(0)}${end}`
  }

  #one(of: number): boolean {
    return this.#dice(of) === 0
  }

  #comment(): string {
    return ['# plain', '# tab\there', '#', "# it's: {a", '#\t- x'][this.#dice(5)] as string
  }

  /** Comments on lines of their own, and blank lines. */
  #between(column: number): string {
    if (!this.#one(4)) return ''
    return this.#one(2) ? '\n' : `${' '.repeat(column)}${this.#comment()}\n`
  }

  #end(): string {
    return this.#one(5) ? ` ${this.#one(3) ? '\t' : ''}${this.#comment()}\n` : '\n'
  }

  #block(value: Json, column: number): string {
    const indent = ' '.repeat(column)
    const step = 1 + this.#dice(4)
    const entries: readonly (readonly [string, Json])[] = Array.isArray(value)
      ? (value as readonly Json[]).map((item) => ['', item])
      : Object.entries(value as JsonObject)
    return entries
      .map(([key, item], index) => {
        const lead = this.#between(column)
        if (Array.isArray(value)) return `${lead}${indent}-${this.#item(item, column, index === entries.length - 1)}`
        return `${lead}${indent}${this.#key(key)}${this.#one(8) ? ' ' : ''}:${this.#under(item, column, step)}`
      })
      .join('')
  }

  #key(key: string): string {
    return this.#scalar(key, false, true)
  }

  #properties(item: Json): string {
    if (!this.#one(6)) return ''
    const name = `a${this.#count++}`
    if (this.#hasAliases) this.#anchors.push({ name, value: item })
    return ` &${name}`
  }

  #alias(item: Json): string | undefined {
    const found = this.#anchors.filter(({ value }) => same(value, item))
    return found.length > 0 && this.#one(2) ? `*${found[this.#dice(found.length)]?.name}` : undefined
  }

  #item(item: Json, column: number, isLast: boolean): string {
    // js-yaml reads a dash after an empty last item as one more item of the inner list.
    if (item === null && isLast) return ' null\n'
    if (isFull(item) && !this.#one(4)) {
      if (this.#one(2)) return `${this.#end()}${this.#block(item, column + 1 + this.#dice(3))}`
      const gap = 1 + this.#dice(3)
      const text = this.#block(item, column + 1 + gap)
      // A comment or blank line cannot share the line of the dash.
      return /^ *[^ #\n]/.test(text) ? text.slice(column + 1) : `\n${text}`
    }
    return this.#under(item, column, 2, false)
  }

  #under(item: Json, column: number, step: number, isPair = true): string {
    const alias = this.#alias(item)
    if (alias) return ` ${alias}${this.#end()}`
    if (isFull(item) && !this.#one(4)) {
      const deeper = isPair && Array.isArray(item) && this.#one(2) ? 0 : step
      const inner = `${this.#end()}${this.#block(item, column + deeper)}`
      return `${this.#properties(item)}${inner}`
    }
    if (item === null && this.#one(2)) return `${this.#properties(item)}${this.#end()}`
    const literal = typeof item === 'string' && item.includes('\n') && !this.#one(4) ? this.#literal(item, column) : ''
    if (literal !== '') return `${this.#properties(item)} ${literal}`
    const props = this.#properties(item)
    const lead = this.#one(8) ? `\n${' '.repeat(column + 1 + this.#dice(3))}` : ' '
    return `${props}${lead}${this.#flow(item, column)}${this.#end()}`
  }

  #literal(text: string, column: number): string {
    const body = text.replace(/\n+$/, '')
    const tail = text.slice(body.length)
    if (body.startsWith(' ') || body.startsWith('\n') || body === '') return ''
    const chomp = tail === '' ? '-' : tail === '\n' ? '' : '+'
    const indent = ' '.repeat(column + 1 + this.#dice(4))
    const lines = body.split('\n').map((line) => (line === '' ? '' : indent + line))
    return `|${chomp}${this.#one(4) ? ' # header' : ''}\n${lines.join('\n')}\n${tail.slice(1)}`
  }

  #flow(item: Json, column: number): string {
    if (!isFull(item)) {
      if (Array.isArray(item)) return this.#one(3) ? '[ ]' : '[]'
      return isObject(item) ? '{}' : this.#scalar(item as Scalar, true, false)
    }
    const isSpread = this.#one(4)
    const indent = ' '.repeat(column + 2)
    const end = (): string => (isSpread ? `${this.#end()}${this.#between(column + 2)}${indent}` : ' ')
    const parts = Array.isArray(item)
      ? (item as readonly Json[]).map((each) => this.#inFlow(each, column + 2))
      : Object.entries(item as JsonObject).map(
          ([key, each]) => `${this.#scalar(key, true, true)}: ${this.#inFlow(each, column + 2)}`,
        )
    const [open, close] = Array.isArray(item) ? '[]' : '{}'
    const inner = parts.reduce((text, part) => `${text},${end()}${part}`)
    const lead = isSpread ? end() : ''
    const trail = this.#one(4) ? ',' : ''
    return `${open}${lead}${inner}${trail}${isSpread ? `${this.#end()}${' '.repeat(column + 1)}` : ''}${close}`
  }

  #inFlow(item: Json, column: number): string {
    const alias = this.#alias(item)
    if (alias) return `${alias} `
    const props = this.#properties(item).trimStart()
    return `${props}${props === '' ? '' : ' '}${this.#flow(item, column)}`
  }

  #scalar(item: Scalar, isFlow: boolean, isKey: boolean): string {
    if (typeof item !== 'string') return item === null && this.#one(2) ? '~' : String(item)
    const single = `'${item.replaceAll("'", "''")}'`
    const plain = /^[^\s#]/.test(item) && resolvePlain(item) === undefined ? [item, item] : []
    const tagged = isKey ? [] : [`!!str ${single}`]
    const texts = [...plain, single, JSON.stringify(item), ...tagged].filter((text) => {
      if (text.includes('\n')) return false
      const { value } = parseYaml(isFlow ? `{k: [${text}, 1], ${isKey ? text : 'j'}: 1}` : `k: ${text}`)
      const found = isFlow ? isObject(value) && Array.isArray(value.k) && value.k[0] : isObject(value) && value.k
      return found === item && (!isKey || isKeyText(text, item))
    })
    return texts[this.#dice(texts.length)] ?? JSON.stringify(item)
  }
}

type Scalar = null | boolean | number | string

function isKeyText(text: string, key: string): boolean {
  const { value } = parseYaml(`${text}: 1`)
  return isObject(value) && Object.hasOwn(value, key)
}

function isFull(value: Json): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

export function pathsOf(value: Json, path: Path = []): readonly { readonly path: Path; readonly value: Json }[] {
  const inner = Array.isArray(value)
    ? (value as readonly Json[]).flatMap((item, index) => pathsOf(item, [...path, index]))
    : isObject(value)
      ? Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, key]))
      : []
  return [...(path.length > 0 ? [{ path, value }] : []), ...inner]
}
