import { FAILSAFE_SCHEMA, load, Type, YAMLException } from 'js-yaml'
import { isObject, type Json } from './json.ts'
import type { YamlPlaces } from './places.ts'
import { resolvePlain } from './scalar.ts'
import type { Scalars } from './scalars.ts'

/** Deeper documents are refused: no Kubernetes object comes near, and every later walk may recurse. */
export const MAX_DEPTH = 512

export interface SyntaxProblem {
  readonly message: string
  /** 0-based, in the text that was parsed. */
  readonly line: number
  readonly column: number
}

export type Parsed =
  | { readonly value: Json; readonly duplicateKey?: SyntaxProblem; readonly problem?: never }
  | { readonly problem: SyntaxProblem; readonly value?: never }

/**
 * js-yaml turns keys into strings by `String(key)`; kubectl's reader refuses a null key. This stands for null until
 * `plain` below, and refuses to be a key. It is a function because js-yaml does not call `toString` of objects.
 */
const NULL = Object.assign(() => null, {
  toString(): string {
    throw new YAMLException('a mapping key is null, which JSON cannot hold')
  },
})

/**
 * A plain `<<` key. kubectl's reader merges where the key stands, so that it overrides the keys before it and not those
 * after, and merges every one of several; js-yaml would do neither. Each gets a key of its own, and `plain` merges.
 */
const MERGE = '\0<<'
let merges = 0

/** Of the document that is being read: what its reading remembers, and whether it holds what `plain` must see. */
let scalars: Scalars | undefined
let isOdd = false

const scalar = new Type('tag:bulkhead.dev,2026:scalar', {
  kind: 'scalar',
  resolve: () => true,
  construct: (text: string | null) => {
    if (text === null) return odd(NULL)
    const value = scalars === undefined ? resolvePlain(text) : scalars.plain(text)
    if (typeof value === 'string') return value === '<<' ? odd(`${MERGE}${merges++}`) : value
    if (value === undefined) return text === '<<' ? odd(`${MERGE}${merges++}`) : text
    if (value === null) return odd(NULL)
    return typeof value === 'number' && !Number.isFinite(value) ? odd(value) : value
  },
})

function odd<T>(value: T): T {
  isOdd = true
  return value
}

const explicit = (
  name: string,
  accepts: (value: unknown) => boolean,
  make: (value: unknown, text: string) => unknown,
) =>
  new Type(`tag:yaml.org,2002:${name}`, {
    kind: 'scalar',
    resolve: (text: unknown) => typeof text === 'string' && accepts(resolvePlain(text)),
    construct: (text: string) => make(resolvePlain(text), text),
  })

const isNumber = (value: unknown): boolean => typeof value === 'number'

/** kubectl decodes any other tag as if it were not there. */
const ignoredTag = (kind: 'scalar' | 'sequence' | 'mapping') =>
  new Type('', {
    kind,
    multi: true,
    resolve: () => true,
    construct: (value: unknown) => (kind === 'scalar' ? (value ?? '') : value),
  })

export const SCHEMA = FAILSAFE_SCHEMA.extend({
  implicit: [scalar],
  explicit: [
    new Type('tag:yaml.org,2002:null', {
      kind: 'scalar',
      resolve: (text: unknown) => text === null || resolvePlain(text as string) === null,
      construct: () => NULL,
    }),
    explicit(
      'bool',
      (value) => typeof value === 'boolean',
      (value) => value,
    ),
    explicit(
      'int',
      (value) => Number.isInteger(value),
      (value) => value,
    ),
    explicit('float', isNumber, (value) => value),
    explicit(
      'timestamp',
      () => true,
      (_, text) => text,
    ),
    new Type('tag:yaml.org,2002:binary', {
      kind: 'scalar',
      resolve: isBase64,
      construct: (text: string) => Buffer.from(text, 'base64').toString('utf8'),
    }),
    ignoredTag('scalar'),
    ignoredTag('sequence'),
    ignoredTag('mapping'),
  ],
})

function isBase64(text: unknown): boolean {
  if (typeof text !== 'string') return false
  const digits = text.replaceAll(/[\r\n]/g, '')
  return digits.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(digits)
}

/**
 * One YAML document as kubectl reads it: the last of duplicate keys wins (and is told), merge keys are merged, aliases
 * are copied. A document that kubectl would refuse, or that is built to exhaust memory, gives a problem.
 * `places` is told where everything stands; `known` are the scalars of other documents of the same reading.
 */
export function parseYaml(text: string, places?: YamlPlaces, known?: Scalars): Parsed {
  const strict = attempt(text, false, places, known)
  if (strict.problem?.message !== 'duplicated mapping key') return strict
  const lenient = attempt(text, true, places, known)
  return lenient.problem ? lenient : { value: lenient.value, duplicateKey: strict.problem }
}

function attempt(text: string, json: boolean, places: YamlPlaces | undefined, known: Scalars | undefined): Parsed {
  const options = { schema: SCHEMA, json, maxDepth: MAX_DEPTH }
  scalars = known
  isOdd = false
  try {
    const value = load(firstDocument(text), places ? { ...options, listener: places.listen() } : options)
    return { value: isOdd || mayNeedCare(text) ? plain(value, text) : settledScalar(value) }
  } catch (error) {
    if (error instanceof YAMLException) {
      const mark = error.mark as { line: number; column: number } | undefined
      return {
        problem: { message: unquoted(error.reason || error.message), line: mark?.line ?? 0, column: mark?.column ?? 0 },
      }
    }
    if (error instanceof RangeError)
      return { problem: { message: `nested too deep: ${error.message}`, line: 0, column: 0 } }
    throw error
  } finally {
    scalars = undefined
  }
}

/**
 * Whether there may be an alias, a merge key (which may be an alias), a tag, or a key that is a mapping: one in braces or
 * brackets, or behind a question mark. Nothing else has to be replaced or refused once the scalars are what they mean.
 */
function mayNeedCare(text: string): boolean {
  return (
    text.includes('*') ||
    text.includes('<<') ||
    text.includes('!') ||
    text.includes('?') ||
    text.includes('[object Object]') ||
    mayBeKey(text, '}') ||
    mayBeKey(text, ']')
  )
}

/** Between a key and its colon there may be white space and comments; in braces there need be no colon. */
const AFTER_KEY: readonly number[] = [...':#,}]'].map((char) => char.charCodeAt(0))
const BEFORE_COLON = 64

/** Whether what ends so may be a key, by what follows. */
function mayBeKey(text: string, closing: string): boolean {
  for (let at = text.indexOf(closing); at >= 0; at = text.indexOf(closing, at + 1)) {
    const most = at + BEFORE_COLON
    let index = at + 1
    while (index <= most && isSpace(text.charCodeAt(index))) index++
    const next = text.charCodeAt(index)
    if (index > most || AFTER_KEY.includes(next)) return true
  }
  return false
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

/** Why, without the words of the document that js-yaml quotes: they may be part of a secret. */
function unquoted(reason: string): string {
  return reason
    .replaceAll(/"[^"]*"/g, '"…"')
    .replaceAll(/!<[^>]*>/g, '!<…>')
    .replace(/((?:malformed|such characters): ).*/s, '$1…')
}

/** goyaml decodes the first document only: what stands after a line of three dots is ignored. */
export function firstDocument(text: string): string {
  // Most texts have nothing of the kind, and a plain search is many times faster.
  if (!text.includes('...')) return text
  const end = text.search(/^\.\.\.(?=\s|$)/m)
  return end <= 0 ? text : text.slice(0, end)
}

/** goyaml `decode.go`: how much of a document may come out of aliases, by the number of values decoded. */
function allowedAliasRatio(decoded: number): number {
  if (decoded <= 400_000) return 0.99
  if (decoded >= 4_000_000) return 0.1
  return 0.99 - 0.89 * ((decoded - 400_000) / 3_600_000)
}

/**
 * Replaces the null sentinel and copies what aliases share, counting as goyaml does. js-yaml gives shared references,
 * so an alias is an object seen before; a document without one is changed in place and costs one walk.
 */
function plain(root: unknown, text: string): Json {
  // What no text can alias needs no counting and no memory of what was seen; nor is there a merge key without its sign.
  if (!text.includes('*') && !text.includes('<<')) return settled(root)
  const seen = new Set<object>()
  const open = new Set<object>()
  let decoded = 0
  let aliased = 0
  const visit = (value: unknown, inAlias: boolean): Json => {
    decoded++
    if (inAlias && ++aliased > 100 && decoded > 1000 && aliased / decoded > allowedAliasRatio(decoded)) {
      throw new YAMLException('document contains excessive aliasing')
    }
    if (typeof value === 'string' && value.startsWith(MERGE)) return '<<'
    if (!isCollection(value)) return settledScalar(value)
    if (open.has(value)) throw new YAMLException('an anchor contains itself')
    open.add(value)
    const alias = inAlias || seen.has(value)
    seen.add(value)
    const copy = copyOf(value, alias, visit)
    open.delete(value)
    return copy
  }
  const result = visit(root, false)
  if (decoded > 100 + 4 * text.length) throw new YAMLException('document contains excessive aliasing')
  return result
}

/** js-yaml makes mappings and lists alone; what stands for null is a function. */
function isCollection(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function settledScalar(value: unknown): Json {
  if (value === NULL || value === undefined) return null
  if (typeof value === 'number' && !Number.isFinite(value)) throw new YAMLException(`${value} has no JSON form`)
  return value as Json
}

/** What holds neither an alias nor a merge key, changed in place. */
function settled(value: unknown): Json {
  if (!isCollection(value)) return settledScalar(value)
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index]
      const found = settled(item)
      if (found !== item) value[index] = found
    }
    return value
  }
  refuseMappingKey(value)
  const source = value as Record<string, unknown>
  for (const key of Object.keys(source)) {
    const item = source[key]
    const found = settled(item)
    if (found !== item) set(source, key, found)
  }
  return source as Json
}

/** js-yaml turns a key that is a mapping into this text. */
function refuseMappingKey(mapping: object): void {
  if (Object.hasOwn(mapping, '[object Object]'))
    throw new YAMLException('a mapping key is a mapping, as in an unrendered {{ template }}')
}

function copyOf(value: object, alias: boolean, visit: (value: unknown, inAlias: boolean) => Json): Json {
  if (Array.isArray(value)) {
    if (alias) return value.map((item) => visit(item, true))
    for (let index = 0; index < value.length; index++) {
      const item = visit(value[index], false)
      if (item !== value[index]) value[index] = item
    }
    return value
  }
  refuseMappingKey(value)
  const source = value as Record<string, unknown>
  const keys = Object.keys(source)
  const merging = keys.some((key) => key.startsWith(MERGE))
  const target: Record<string, unknown> = alias || merging ? {} : source
  for (const key of keys) {
    const item = visit(source[key], alias)
    if (key.startsWith(MERGE)) merge(target, item)
    else if (target !== source || item !== source[key]) set(target, key, item)
  }
  return target as Json
}

function set(target: Record<string, unknown>, key: string, item: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value: item, enumerable: true, configurable: true, writable: true })
  else target[key] = item
}

/** Of a list of mappings the earlier ones win, so they are set last (goyaml decode.go `merge`). */
function merge(target: Record<string, unknown>, source: Json): void {
  const sources = Array.isArray(source) ? [...source].reverse() : [source]
  for (const each of sources) {
    if (!isObject(each)) throw new YAMLException('map merge requires map or sequence of maps as the value')
    for (const [key, item] of Object.entries(each)) set(target, key, item)
  }
}
