import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { at, field, isObject, type Json, type JsonObject, list, type Path, string } from '../../cluster/json.ts'
import { isNamespaced, typeFromPath, typeName } from '../../cluster/kinds.ts'
import { idOf, type KubeObject, toObject } from '../../cluster/object.ts'
import type { Locate, Origin } from '../../cluster/origin.ts'
import { Scalars } from '../../cluster/scalars.ts'
import { type Problem, problem } from '../../errors.ts'
import { KnownPlaces } from './known-places.ts'
import { countLines } from './lines.ts'
import { locator, type SourceText, type Stale, sealOf, wholeReader } from './locate.ts'
import { Enough, type ListType, readSource, type Sink } from './read-source.ts'
import { isArchive, LIMITS, type Limits, readFile, readStream, type Source } from './source.ts'
import { walk } from './walk.ts'

/** What was read, in the order in which `kubectl apply` would take it. */
export interface Input {
  readonly files: readonly string[]
  readonly objects: readonly KubeObject[]
  /** Documents with apiVersion and kind, the items of lists singly, whether or not they name a resource. */
  readonly count: number
  /** Documents that are no Kubernetes objects (no apiVersion and kind). */
  readonly other: number
  readonly problems: readonly Problem[]
  /** Keys that a mapping has twice; the last one counts, as in kubectl. */
  readonly duplicateKeys: readonly DuplicateKey[]
  /** Types of which a list was read, even an empty one: a snapshot says so that there are none. */
  readonly listed: ReadonlySet<string>
  /** `gitVersion` of a `version.json` or `cluster_version.json`. */
  readonly serverVersion?: string
  readonly notRead: readonly string[]
  /** Files in which a support bundle says what it could not collect. */
  readonly notCollected: readonly string[]
  readonly locate: Locate
  /**
   * The bytes of one of the files, read again; undefined for what is no file that could be edited: a stream, a compressed
   * file, one that is larger than what is read.
   */
  bytes(source: number): Buffer | Stale | undefined
}

export interface DuplicateKey {
  readonly origin: Origin
  /** Within the document of the origin. */
  readonly path: Path
}

export interface ReadOptions {
  readonly recursive?: boolean
  /** Where objects go that name no namespace. */
  readonly namespace?: string
  readonly stdin?: Readable
  /** Whether objects keep their bodies that a later one of the same id makes of no account: checks look at every document. */
  readonly keepAll?: boolean
  /** Whether places will be asked for in many of the objects, so that they are noted while they are read. */
  readonly places?: boolean
  /** Whether no file will be edited (`Input.bytes`), so that none need be known again. */
  readonly readOnly?: boolean
  readonly limits?: Partial<Limits>
  readonly progress?: (file: string, count: number) => void
}

export async function readInputs(names: readonly string[], options: ReadOptions = {}): Promise<Input> {
  const limits = { ...LIMITS, ...options.limits }
  const reader = new Reader(limits, options)
  const notRead: string[] = []
  const seen = new Set<string>()
  for (const name of names) {
    if (reader.isFull) break
    if (name === '-') {
      if (options.stdin) reader.read(await readStream(options.stdin, 'standard input', limits), true)
      continue
    }
    const walked = await walk(name, options.recursive ?? false)
    reader.problems.push(...walked.problems)
    notRead.push(...walked.notRead)
    for (const file of walked.files) {
      if (reader.isFull) break
      // Named twice is still one file, and nothing in it is there twice.
      const path = resolve(file)
      if (seen.has(path)) continue
      seen.add(path)
      options.progress?.(file, reader.objects.length)
      reader.read(await readFile(file, limits), false)
    }
  }
  return reader.finish(notRead)
}

/** Files of the product, or like them: regular, small, many, and nobody waits for anything else meanwhile. */
export function readFiles(names: readonly string[]): Input {
  const reader = new Reader(LIMITS, { readOnly: true })
  for (const name of names) reader.read({ name, bytes: readFileSync(name), problems: [] }, false)
  return reader.finish([])
}

class Reader implements Sink {
  readonly problems: Problem[] = []
  readonly objects: KubeObject[] = []
  readonly #namespace: string
  /** Where the last object of each id stands. */
  readonly #latest = new Map<string, number>()
  readonly #clusterScoped = new Set<string>()
  #count = 0
  readonly #limits: Limits
  readonly #sources: SourceText[] = []
  readonly #duplicateKeys: DuplicateKey[] = []
  readonly #notCollected = new Set<string>()
  readonly #listed = new Set<string>()
  #serverVersion: string | undefined
  #other = 0
  /** More objects came than a run keeps, and the first of them was told. */
  isFull = false

  readonly #keepAll: boolean

  readonly #readOnly: boolean

  readonly #scalars = new Scalars()

  readonly #places: KnownPlaces | undefined

  constructor(
    limits: Limits,
    { namespace = 'default', keepAll = false, readOnly = false, places = false }: ReadOptions,
  ) {
    this.#limits = limits
    this.#namespace = namespace
    this.#keepAll = keepAll
    this.#readOnly = readOnly
    this.#places = places ? new KnownPlaces(this.#scalars) : undefined
  }

  read(source: Source, keep: boolean): void {
    this.problems.push(...source.problems)
    if (isArchive(source.bytes)) {
      this.problems.push(problem('BH_ARCHIVE', {}, { file: source.name }))
      return
    }
    const index = this.#sources.length
    const lines = countLines(source.bytes)
    const { name, bytes } = source
    if (keep || source.unpacked) this.#sources.push({ name, lines, kept: bytes })
    else {
      const isWhole = source.problems.length === 0
      this.#sources.push({ name, lines, ...(isWhole && !this.#readOnly ? { seal: sealOf(bytes) } : {}) })
    }
    readSource({ ...source, index, lines, scalars: this.#scalars, places: this.#places }, this.#limits, this)
  }

  finish(notRead: readonly string[]): Input {
    this.#scalars.clear()
    return {
      files: this.#sources.map((each) => each.name),
      objects: this.objects.map((object) => this.#placed(object)),
      count: this.#count,
      other: this.#other,
      problems: this.problems,
      duplicateKeys: this.#duplicateKeys,
      // A list that was cut off says nothing of what is not in it.
      listed: this.isFull ? new Set() : this.#listed,
      ...(this.#serverVersion === undefined ? {} : { serverVersion: this.#serverVersion }),
      notRead,
      notCollected: [...this.#notCollected],
      locate: locator(this.#sources, this.#places),
      bytes: wholeReader(this.#sources),
    }
  }

  /** A definition may come after the objects that it says are cluster-scoped. */
  #placed(object: KubeObject): KubeObject {
    const { group, kind, name, namespace } = object
    if (namespace === '' || !this.#clusterScoped.has(`${kind}.${group}`)) return object
    return { ...object, namespace: '', id: idOf(typeName(group, kind), '', name) }
  }

  /**
   * Secret values go here, before anything is kept. Of several objects with one name the last counts, as in kubectl
   * apply; of the others only their places are kept, so that a stream that repeats itself stays small.
   */
  #keep(body: JsonObject, origin: Origin, name: string): void {
    const object = toObject(body, origin, { namespace: this.#namespace, clusterScoped: this.#clusterScoped })
    if (typeof object === 'string') {
      this.#count++
      const place = { file: name, ...locator(this.#sources)(origin, ['metadata']) }
      if (isResource(body))
        this.problems.push(problem('BH_OBJECT', { why: `${string(field(body, 'kind'))}: ${object}` }, place))
      return
    }
    if (object.kind === 'CustomResourceDefinition' && at(body, 'spec', 'scope') === 'Cluster') {
      this.#clusterScoped.add(`${string(at(body, 'spec', 'names', 'kind'))}.${string(at(body, 'spec', 'group'))}`)
    }
    const before = this.#latest.get(object.id)
    const kept = this.#keepAll ? this.objects.length : this.#latest.size
    if ((before === undefined || this.#keepAll) && kept === this.#limits.objects) {
      this.isFull = true
      const place = { file: name, ...locator(this.#sources)(origin, []) }
      this.problems.push(problem('BH_TOO_MANY', { count: this.#limits.objects, of: 'objects in all' }, place))
      throw new Enough()
    }
    this.#count++
    if (before !== undefined && !this.#keepAll)
      this.objects[before] = { ...(this.objects[before] as KubeObject), body: {} }
    this.#latest.set(object.id, this.objects.length)
    this.objects.push(object)
  }

  /** Sorts a value into an object, the members of a list, or something else. `type` is what the surroundings say of it. */
  accept(value: Json, origin: Origin, name: string, type?: ListType): void {
    if (value === null) return
    if (NOT_COLLECTED.test(name)) {
      this.#other++
      if (Object.keys(value).length > 0) this.#notCollected.add(name)
      return
    }
    if (Array.isArray(value)) {
      this.#acceptItems(list(value), origin, name, type ?? typeFromPath(name))
      return
    }
    if (!isObject(value)) {
      this.#other++
      return
    }
    const kind = string(field(value, 'kind'))
    const apiVersion = string(field(value, 'apiVersion'))
    const items = field(value, 'items')
    if (Array.isArray(items) && (kind === undefined || kind.endsWith('List'))) {
      const inner = this.acceptHeader(kind, apiVersion, name)
      this.#acceptItems(items, { ...origin, inner: [...origin.inner, 'items'] }, name, inner)
    } else if (items === null && kind?.endsWith('List')) {
      this.#count++
      this.acceptHeader(kind, apiVersion, name)
    } else if (kind !== undefined && kind !== '' && apiVersion !== undefined && apiVersion !== '') {
      this.#keep(value, origin, name)
    } else {
      this.#acceptUntyped(value, origin, name, type)
    }
  }

  /** Notes that a list was seen, and says what its members are that do not say so themselves. */
  acceptHeader(kind: string | undefined, apiVersion: string | undefined, name: string): ListType | undefined {
    const fromPath = kind === undefined ? typeFromPath(name) : undefined
    const typed =
      kind !== undefined && kind !== 'List' && apiVersion !== undefined
        ? { apiVersion, kind: kind.slice(0, -'List'.length) }
        : fromPath
    if (!typed) return undefined
    this.#listed.add(
      typeName(typed.apiVersion.includes('/') ? (typed.apiVersion.split('/')[0] as string) : '', typed.kind),
    )
    return typed
  }

  acceptDuplicateKey(origin: Origin, path: Path): void {
    this.#duplicateKeys.push({ origin, path })
  }

  acceptProblem(each: Problem): void {
    this.problems.push(each)
  }

  #acceptItems(items: readonly Json[], origin: Origin, name: string, type: ListType | undefined): void {
    items.forEach((item, index) => {
      this.accept(item, { ...origin, inner: [...origin.inner, index] }, name, type)
    })
  }

  /** A member of a typed list, or one object of an archive that types by folder (OpenShift Insights). */
  #acceptUntyped(value: JsonObject, origin: Origin, name: string, type: ListType | undefined): void {
    const version =
      string(at(value, 'info', 'gitVersion')) ??
      string(at(value, 'serverVersion', 'gitVersion')) ??
      string(field(value, 'gitVersion'))
    if (version !== undefined && /version/i.test(name)) this.#serverVersion = version
    const typed = string(at(value, 'metadata', 'name')) === undefined ? undefined : (type ?? typeFromPath(name))
    if (!typed) this.#other++
    else this.#keep({ ...typed, ...value }, origin, name)
  }
}

/** Troubleshoot writes beside `pods/` a `pods-errors.json` with what the API server refused. */
const NOT_COLLECTED = /(^|[/\\])cluster-resources[/\\]([^/\\]+[/\\])*[^/\\]+-errors\.json(\.gz)?$/

/** Discovery data, audit events and configuration files also have a kind, but are stored nowhere and need no name. */
function isResource(body: JsonObject): boolean {
  const apiVersion = string(field(body, 'apiVersion')) ?? ''
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] as string) : ''
  return isNamespaced(group, string(field(body, 'kind')) ?? '') !== undefined
}
