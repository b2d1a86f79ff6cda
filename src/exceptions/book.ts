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

interface Entry {
  readonly exception: Exception
  readonly unknownChecks: readonly string[]
  readonly refs: ReadonlySet<string>
  readonly holds: boolean
  readonly mandatory: Set<string>
  silenced: number
}

interface Candidate {
  readonly entry: Entry
  /** Undefined of an annotation: it stands on the resource. */
  readonly selector: ResourceSelector | undefined
  readonly kind: string | undefined
}

/** Every exception of a scan, and what each of them silenced. */
export class ExceptionBook {
  readonly #entries: Entry[] = []
  readonly #notes: ExceptionNote[]
  readonly #names: CheckNames
  readonly #today: string | undefined
  /** By check id, then by the exact name of the resource, or `*` for those that name it in another way. */
  readonly #byCheck = new Map<string, Map<string, Candidate[]>>()
  readonly #byObject = new Map<KubeObject, Map<string, Candidate[]>>()
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
              : [...refs].some((id) => asked.has(id))
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
    const byName = this.#byCheck.get(check.id)
    for (const each of this.#chain(object)) {
      const isKind = ({ kind }: Candidate): boolean => kind === undefined || kind === each.kind
      for (const candidate of [...(byName?.get(each.name) ?? []), ...(byName?.get('*') ?? [])])
        if (isKind(candidate) && candidate.selector && selectsResource(candidate.selector, each)) yield candidate
      for (const candidate of this.#byObject.get(each)?.get(check.id) ?? []) if (isKind(candidate)) yield candidate
    }
  }

  #addSelecting(exception: Exception): void {
    this.#add(exception, (id, entry, kind) => {
      const byName = this.#byCheck.get(id) ?? new Map<string, Candidate[]>()
      this.#byCheck.set(id, byName)
      for (const selector of exception.resources) {
        const names = selector.names?.map(exactly)
        const keys = names?.every((name) => name !== undefined) ? new Set(names as readonly string[]) : ['*']
        for (const key of keys) push(byName, key, { entry, selector, kind })
      }
    })
  }

  #addAnnotation(object: KubeObject, exception: Exception): void {
    const byCheck = this.#byObject.get(object) ?? new Map<string, Candidate[]>()
    this.#byObject.set(object, byCheck)
    this.#add(exception, (id, entry, kind) => push(byCheck, id, { entry, selector: undefined, kind }))
  }

  #add(exception: Exception, register: (id: string, entry: Entry, kind: string | undefined) => void): void {
    const found = exception.checks.map((name) => ({ name, refs: this.#names.resolve(name) }))
    const refs = found.flatMap((each) => each.refs)
    const entry: Entry = {
      exception,
      unknownChecks: found.filter((each) => each.refs.length === 0).map(({ name }) => name),
      refs: new Set(refs.map(({ id }) => id)),
      holds: holds(exception, this.#today),
      mandatory: new Set(),
      silenced: 0,
    }
    this.#entries.push(entry)
    for (const { id, kind } of refs) register(id, entry, kind)
  }
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
