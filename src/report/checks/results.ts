import type { CheckCount, CheckItem } from '../../checks.ts'
import { field, formatPath, type Path, string } from '../../cluster/json.ts'
import type { KubeObject } from '../../cluster/object.ts'
import { aliasFor, type Check, type Offence } from '../../engines/check.ts'
import type { Evidence, ResourceRef, Witness } from '../evidence.ts'
import { API_VERSION } from '../report.ts'
import { type AcceptedBy, acceptedBy, type ExceptionReport, exceptionReport } from './exceptions.ts'
import { type Judged, shownItems, witnessOf } from './judged.ts'

/** The JSON document of `policy eval`; docs/reference/v1alpha1.schema.json describes it. */
export interface PolicyResults {
  readonly apiVersion: typeof API_VERSION
  readonly kind: 'PolicyResults'
  /** Made one by one: a large cluster has hundreds of thousands. */
  readonly items: Iterable<PolicyResult>
  readonly summary: Readonly<Record<string, CheckCount>>
  readonly exceptions: ExceptionReport
}

export interface PolicyResult {
  readonly policy: string
  /** Ids of the same check elsewhere, by tool. */
  readonly aliases: Readonly<Record<string, string>>
  readonly resource: ResourceRef
  /** Of the first fault. */
  readonly container?: string
  readonly result: CheckItem['result']
  readonly severity: string
  readonly message: string
  /** The place of the first fault. */
  readonly location?: Place
  /** Of the other faults; absent where there is one. */
  readonly more?: readonly (Place & { readonly container?: string })[]
  readonly because?: readonly Evidence[]
  /** Who accepted it; of a failure, for other containers than those that are named. */
  readonly exception?: AcceptedBy
  /** In the baseline already: it does not count for --fail-on. */
  readonly known?: true
}

export interface Place {
  readonly file: string
  /** 1-based. */
  readonly line: number
  readonly column: number
  readonly path: string
}

export function policyResults(judged: Judged): PolicyResults {
  return {
    apiVersion: API_VERSION,
    kind: 'PolicyResults',
    items: eachResult(judged),
    summary: Object.fromEntries(judged.results.counts),
    exceptions: exceptionReport(judged.results.exceptions),
  }
}

function* eachResult(judged: Judged): Generator<PolicyResult> {
  const seenBy = witnessOf(judged.locate)
  for (const item of shownItems(judged)) yield policyResult(item, seenBy(item))
}

export function policyResult(item: CheckItem, seen: Witness): PolicyResult {
  const { result, severity, message } = item
  const [first, ...rest] = placesOf(item, seen)
  const more = rest.flatMap(({ container, place }) => (place ? [{ ...place, ...named(container) }] : []))
  return {
    policy: item.check.id,
    aliases: aliasesOf(item.check, item.object.kind),
    resource: refOf(item.object),
    ...named(first?.container),
    result,
    severity,
    message,
    ...(first?.place ? { location: first.place } : {}),
    ...(more.length > 0 ? { more } : {}),
    ...(item.because.length > 0 ? { because: seen.evidence(item.because) } : {}),
    ...(item.exception ? { exception: acceptedBy(item.exception) } : {}),
    ...(item.known ? { known: true as const } : {}),
  }
}

export interface FoundOffence {
  readonly path: Path
  readonly container?: string
  /** Undefined for what no file holds. */
  readonly place: Place | undefined
}

const WHOLE: readonly Offence[] = [{ path: [] }]

/** The faults, the first one first; of what says none, the object. None for a pass. */
export function faultsOf(item: CheckItem): readonly Offence[] {
  const offences = item.at()
  return offences.length > 0 || item.result === 'pass' ? offences : WHOLE
}

/** Where the faults stand. */
export function placesOf(item: CheckItem, seen: Witness): readonly FoundOffence[] {
  return faultsOf(item).map((offence) => {
    const location = seen.locate(item.object, offence.path)
    return { ...offence, place: location && { ...location, path: formatPath(offence.path) } }
  })
}

function named(container: string | undefined): { readonly container?: string } {
  return container === undefined ? {} : { container }
}

/** The object as its author wrote its version. */
export function refOf({ body, kind, namespace, name }: KubeObject): ResourceRef {
  return { apiVersion: string(field(body, 'apiVersion')) ?? '', kind, namespace, name }
}

type Aliases = Readonly<Record<string, string>>

/** By kind: thousands of items of one check have the same. */
const known = new WeakMap<Check, Map<string, Aliases>>()

export function aliasesOf(check: Check, kind: string): Aliases {
  const byKind = known.get(check) ?? new Map<string, Aliases>()
  known.set(check, byKind)
  const aliases =
    byKind.get(kind) ??
    Object.fromEntries(
      Object.keys(check.aliases).flatMap((tool) => {
        const alias = aliasFor(check, tool, kind)
        return alias === undefined ? [] : [[tool, alias]]
      }),
    )
  byKind.set(kind, aliases)
  return aliases
}

/** `Deployment shop/web`; `Node worker-1`. */
export function objectText({ kind, namespace, name }: Pick<ResourceRef, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`
}
