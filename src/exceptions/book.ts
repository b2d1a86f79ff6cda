import type { KubeObject } from '../cluster/object.ts'
import type { Locate } from '../cluster/origin.ts'
import type { Check, Offence } from '../engines/check.ts'
import { annotatedExceptions } from './annotations.ts'
import { CheckNames } from './check-names.ts'
import { type Exception, type ExceptionNote, holds } from './exception.ts'
import { decodeException, isException } from './object.ts'
import { ownersIn } from './owners.ts'
import { exactly, fits, type NamePattern } from './pattern.ts'
import { type ResourceSelector, selectsResource } from './selector.ts'

/** What the user gives beside the scan. */
export interface GivenExceptions {
  readonly exceptions: readonly Exception[]
  readonly notes: readonly ExceptionNote[]
  /** YYYY-MM-DD. */
  readonly today: string
  /** Polaris' `disallowAnnotationExemptions`: its annotations except nothing. */
  readonly withoutPolarisAnnotations?: boolean
}

export interface ExceptionUse {
  readonly exception: Exception
  /**
   * `used`; `unused`: nothing failed that it accepts; `not-asked`: none of its checks was asked; `expired`: it excepts
   * nothing any more; `unknown-check`: no check of ours carries the name, so that it could not be carried over.
   */
  readonly state: 'used' | 'unused' | 'not-asked' | 'expired' | 'unknown-check'
  /** How many verdicts it silenced, wholly or for some containers; of an expired one, how many it would have. */
  readonly silenced: number
  /** Names of checks that no check of ours carries. */
  readonly unknownChecks: readonly string[]
  /** Ids of mandatory checks that it names and that nothing excepts. */
  readonly mandatory: readonly string[]
}

export interface ExceptionListing {
  readonly uses: readonly ExceptionUse[]
  readonly notes: readonly ExceptionNote[]
}

export interface Accepted {
  readonly exception: Exception
  /** What is still wrong: faults of containers that are not excepted. Empty where all is accepted. */
  readonly rest: readonly Offence[]
}

/** What one scanned tree may bring in objects; annotations are bounded by the objects that carry them. */
const MOST_IN_TREE = 1_000
/** Steps of comparing names that the objects of a scanned tree may cost: some seconds. */
const MOST_WORK = 1_000_000_000

interface Entry {
  readonly exception: Exception
  readonly unknownChecks: readonly string[]
  /** Ids of checks, each with the kinds for which the exception names it; undefined: all. */
  readonly refs: ReadonlyMap<string, ReadonlySet<string> | undefined>
  readonly holds: boolean
  readonly mandatory: Set<string>
  silenced: number
}

interface Candidate {
  readonly entry: Entry
  /** Undefined of an annotation: it stands on the resource. */
  readonly selector: ResourceSelector | undefined
  /** What it takes to compare it with one resource. */
  readonly weight: number
}

/** Every exception of a scan, and what each of them silenced. */
export class ExceptionBook {
  readonly #entries: Entry[] = []
  readonly #notes: ExceptionNote[]
  readonly #names: CheckNames
  readonly #today: string | undefined
  /** By the exact name of the resource. */
  readonly #byName = new Map<string, Candidate[]>()
  /** Those that name it in another way. */
  readonly #others: Candidate[] = []
  readonly #byObject = new Map<KubeObject, Candidate[]>()
  #work = 0
  /** The resource that was asked for last, and what selects it. */
  #last:
    | { readonly object: KubeObject; readonly candidates: readonly (readonly [Candidate, kind: string])[] }
    | undefined
  readonly #chain: (object: KubeObject) => readonly KubeObject[]

  /** `checks`: all that there are, also those that are not asked. */
  constructor(checks: Iterable<Check>, objects: readonly KubeObject[], locate: Locate, given?: GivenExceptions) {
    this.#names = new CheckNames(checks)
    this.#today = given?.today
    this.#notes = [...(given?.notes ?? [])]
    this.#chain = ownersIn(objects)
    for (const exception of given?.exceptions ?? []) this.#addSelecting(exception)
    const known = new Set(this.#entries.map(({ exception }) => placeKey(exception)))
    let inTree = 0
    for (const object of objects) {
      if (isException(object)) {
        if (++inTree > MOST_IN_TREE) continue
        const { exceptions, notes } = decodeException(object, 'tree', locate)
        this.#notes.push(...notes)
        for (const each of exceptions) {
          const key = placeKey(each)
          if (key === undefined || !known.has(key)) this.#addSelecting(each)
        }
        continue
      }
      const { exceptions, notes } = annotatedExceptions(object, locate)
      this.#notes.push(...notes)
      for (const each of exceptions) {
        const isOff =
          given?.withoutPolarisAnnotations === true && each.checks.every((name) => name.startsWith('polaris:'))
        if (!isOff) this.#addAnnotation(object, each)
      }
    }
    if (inTree > MOST_IN_TREE)
      this.#notes.push({
        kind: 'malformed',
        text: `what is scanned holds ${inTree} Exception objects; the first ${MOST_IN_TREE} were read`,
      })
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /** Who accepted that `check` fails for `object`, or for some of its containers; undefined where nobody did. */
  accepted(check: Check, object: KubeObject, at: () => readonly Offence[]): Accepted | undefined {
    if (this.isEmpty) return undefined
    let all: Exception | undefined
    const partly: { exception: Exception; containers: readonly NamePattern[] }[] = []
    const counted = new Set<Entry>()
    let offences: readonly Offence[] | undefined
    for (const { entry, selector } of this.#candidates(check, object)) {
      if (check.mandatory) {
        entry.mandatory.add(check.id)
        continue
      }
      const containers = selector?.containers
      if (containers) {
        offences ??= at()
        if (!offences.some((offence) => covers(containers, offence))) continue
      }
      if (!counted.has(entry)) entry.silenced++
      counted.add(entry)
      if (!entry.holds) continue
      if (containers) partly.push({ exception: entry.exception, containers })
      else all ??= entry.exception
    }
    if (all) return { exception: all, rest: [] }
    const [first] = partly
    if (!first || !offences) return undefined
    return {
      exception: first.exception,
      rest: offences.filter((offence) => !partly.some(({ containers }) => covers(containers, offence))),
    }
  }

  /** `asked`: ids of the checks of this run. */
  listing(asked: ReadonlySet<string>): ExceptionListing {
    return {
      uses: this.#entries.map(({ exception, unknownChecks, refs, holds: isHolding, mandatory, silenced }) => ({
        exception,
        state: !isHolding
          ? 'expired'
          : refs.size === 0
            ? 'unknown-check'
            : silenced > 0
              ? 'used'
              : [...refs.keys()].some((id) => asked.has(id))
                ? 'unused'
                : 'not-asked',
        silenced,
        unknownChecks,
        mandatory: [...mandatory].sort(),
      })),
      notes: this.#notes,
    }
  }

  *#candidates(check: Check, object: KubeObject): Generator<Candidate> {
    if (this.#last?.object !== object) this.#last = { object, candidates: [...this.#selecting(object)] }
    for (const [candidate, kind] of this.#last.candidates) {
      const { refs } = candidate.entry
      if (refs.has(check.id) && (refs.get(check.id)?.has(kind) ?? true)) yield candidate
    }
  }

  /** What selects a resource, or one that made it, with the kind of which it does. */
  *#selecting(object: KubeObject): Generator<readonly [Candidate, kind: string]> {
    for (const each of this.#chain(object)) {
      for (const some of [this.#byName.get(each.name) ?? [], this.#others])
        for (const candidate of some)
          if (candidate.selector && this.#affords(candidate) && selectsResource(candidate.selector, each))
            yield [candidate, each.kind]
      for (const candidate of this.#byObject.get(each) ?? []) yield [candidate, each.kind]
    }
  }

  /** Beyond what they may cost, exceptions of the tree except nothing more. */
  #affords({ entry, weight }: Candidate): boolean {
    if (entry.exception.from === 'given') return true
    if (this.#work > MOST_WORK) return false
    this.#work += weight
    if (this.#work > MOST_WORK)
      this.#notes.push({
        kind: 'malformed',
        text: 'the Exception objects of what is scanned take too long to compare; they were not asked any more',
      })
    return true
  }

  #addSelecting(exception: Exception): void {
    const entry = this.#add(exception)
    for (const selector of exception.resources) {
      const candidate = { entry, selector, weight: weightOf(selector) }
      const names = selector.names?.map(exactly)
      if (names?.every((name) => name !== undefined))
        for (const name of new Set(names as readonly string[])) push(this.#byName, name, candidate)
      else this.#others.push(candidate)
    }
  }

  #addAnnotation(object: KubeObject, exception: Exception): void {
    push(this.#byObject, object, { entry: this.#add(exception), selector: undefined, weight: 0 })
  }

  #add(exception: Exception): Entry {
    const found = exception.checks.map((name) => ({ name, refs: this.#names.resolve(name) }))
    const refs = new Map<string, Set<string> | undefined>()
    for (const { id, kind } of found.flatMap((each) => each.refs)) {
      if (kind === undefined) refs.set(id, undefined)
      else if (!refs.has(id)) refs.set(id, new Set([kind]))
      else refs.get(id)?.add(kind)
    }
    const entry: Entry = {
      exception,
      unknownChecks: found.filter((each) => each.refs.length === 0).map(({ name }) => name),
      refs,
      holds: holds(exception, this.#today),
      mandatory: new Set(),
      silenced: 0,
    }
    this.#entries.push(entry)
    return entry
  }
}

/** A star before the last one may be tried at every character of a name. */
function weightOf({ kinds, names, namespaces, labels }: ResourceSelector): number {
  let weight = 1 + (labels ?? []).reduce((sum, { values }) => sum + values.length, 0)
  for (const { text } of [...(kinds ?? []), ...(names ?? []), ...(namespaces ?? [])])
    weight += text.indexOf('*') < text.lastIndexOf('*') ? text.length * 32 : 1
  return weight
}

function covers(containers: readonly NamePattern[], { container }: Offence): boolean {
  return container !== undefined && containers.some((each) => fits(each, container))
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const all = map.get(key)
  if (all) all.push(value)
  else map.set(key, [value])
}

/** A file that is named by --exceptions and scanned as well is read twice. */
function placeKey(exception: Exception): string | undefined {
  const place = exception.kind === 'Exception' ? exception.place?.() : undefined
  return place && `${place.file.replace(/^(\.\/)+/, '')}:${place.line}`
}
