import { parseQuantity } from '../../cel/library/quantity-text.ts'
import { cachedRegex } from '../../cel/library/re2.ts'
import { at, formatPath, isObject, type Json, list, object, type Path, strings } from '../../cluster/json.ts'
import { ANNOTATIONS, type Holds, KEYWORDS, TYPES } from './keywords.ts'

/** A schema of which every keyword is known and well formed. */
export interface Schema {
  readonly root: Json
  /** What a `$ref` of it points to. */
  readonly references: ReadonlyMap<string, Json>
}

const MOST_SCHEMAS = 5_000
const DEEPEST = 64
const MOST_PROBLEMS = 5

/**
 * Reads JSON Schema 2019-09 as far as one document tells all: no remote references, no `unevaluated…`, no `$recursiveRef`.
 * A text is why a schema cannot be judged by; a keyword that is not known would be passed over in silence.
 */
export function parseSchema(root: Json): Schema | string {
  const reader = new Reader(root)
  reader.read(root, [])
  if (reader.problems.length > 0) return reader.problems.slice(0, MOST_PROBLEMS).join('; ')
  return { root, references: reader.references }
}

/** What holds no schemas: what is wrong with it. */
const PLAIN: Partial<Record<Holds, (value: Json, keyword: string) => string | undefined>> = {
  any: () => undefined,
  texts: (value) => isFault(!Array.isArray(value) || strings(value).length !== list(value).length, 'a list of texts'),
  list: (value) => isFault(list(value).length === 0, 'a list'),
  number: (value, keyword) =>
    isFault(typeof value !== 'number' || (keyword === 'multipleOf' && value <= 0), 'a number that may stand here'),
  count: (value) => isFault(!Number.isInteger(value) || (value as number) < 0, 'a count'),
  boolean: (value) => isFault(typeof value !== 'boolean', 'true or false'),
  type: (value) => {
    const types = typeof value === 'string' ? [value] : strings(value)
    return isFault(types.length === 0 || types.some((type) => !TYPES.has(type)), 'a type of JSON')
  },
  pattern: (value) => (typeof value === 'string' ? patternFault(value) : 'is not a text'),
  quantity: (value) => isFault(typeof value !== 'string' || typeof parseQuantity(value) === 'string', 'a quantity'),
}

const isFault = (isWrong: boolean, expected: string): string | undefined => (isWrong ? `is not ${expected}` : undefined)

function patternFault(text: string): string | undefined {
  const compiled = cachedRegex(text)
  return typeof compiled === 'string' ? compiled : undefined
}

class Reader {
  readonly problems: string[] = []
  readonly references = new Map<string, Json>()
  readonly #root: Json
  #count = 0

  constructor(root: Json) {
    this.#root = root
  }

  /** `depth` counts what a `$ref` leads to as well. */
  read(schema: Json | undefined, path: Path, depth = 0): void {
    if (this.problems.length >= MOST_PROBLEMS) return
    if (++this.#count > MOST_SCHEMAS) this.#told(path, `more than ${MOST_SCHEMAS} schemas`)
    else if (depth > DEEPEST) this.#told(path.slice(0, 1), `nested deeper than ${DEEPEST} levels`)
    else if (isObject(schema))
      for (const [keyword, value] of Object.entries(schema))
        this.#keyword(keyword, value, [...path, keyword], depth + 1)
    else if (typeof schema !== 'boolean') this.#told(path, 'is neither a mapping nor true or false')
  }

  #told(path: Path, text: string): void {
    this.problems.push(`${path.length === 0 ? 'the schema' : formatPath(path)} ${text}`)
  }

  #keyword(keyword: string, value: Json, path: Path, depth: number): void {
    if (ANNOTATIONS.has(keyword)) return
    const holds = KEYWORDS.get(keyword)
    const plain = holds && PLAIN[holds]
    if (holds === undefined) this.problems.push(`the keyword ${JSON.stringify(keyword)} is not known`)
    else if (plain) {
      const fault = plain(value, keyword)
      if (fault !== undefined) this.#told(path, fault)
    } else if (holds === 'reference') this.#reference(value, path, depth)
    else if (holds === 'schema' || (holds === 'schema-or-schemas' && !Array.isArray(value)))
      this.read(value, path, depth)
    else if (holds === 'schemas' || holds === 'schema-or-schemas') this.#list(value, path, depth)
    else this.#map(holds, value, path, depth)
  }

  #list(value: Json, path: Path, depth: number): void {
    if (list(value).length === 0) this.#told(path, 'is not a list of schemas')
    for (const [index, item] of list(value).entries()) this.read(item, [...path, index], depth)
  }

  #map(holds: Holds, value: Json, path: Path, depth: number): void {
    if (!isObject(value)) this.#told(path, 'is not a mapping')
    for (const [key, item] of Object.entries(object(value))) {
      const here = [...path, key]
      const fault = holds === 'pattern-map' ? patternFault(key) : undefined
      if (fault !== undefined) this.#told(here, fault)
      const isTexts = holds === 'texts-map' || (holds === 'dependencies' && Array.isArray(item))
      const wrong = isTexts ? PLAIN.texts?.(item, key) : undefined
      if (wrong !== undefined) this.#told(here, wrong)
      if (!isTexts) this.read(item, here, depth)
    }
  }

  #reference(value: Json, path: Path, depth: number): void {
    const steps = typeof value === 'string' ? pointer(value) : undefined
    const target = steps && follow(this.#root, steps)
    if (target === undefined) this.#told(path, 'points to nothing in this schema')
    else if (!this.references.has(value as string)) {
      this.references.set(value as string, target)
      this.read(target, path, depth)
    }
  }
}

/** `#/definitions/a~1b` as RFC 6901 and RFC 3986 read it. */
function pointer(text: string): readonly string[] | undefined {
  if (text === '#') return []
  if (!text.startsWith('#/')) return undefined
  try {
    return decodeURIComponent(text.slice(2))
      .split('/')
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  } catch {
    return undefined
  }
}

function follow(root: Json, steps: readonly string[]): Json | undefined {
  let here: Json | undefined = root
  for (const step of steps) {
    here = at(here, Array.isArray(here) && /^\d{1,6}$/.test(step) ? Number(step) : step)
    if (here === undefined) return undefined
  }
  return here
}
