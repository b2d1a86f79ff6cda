import type { CheckCount, CheckItem, CheckResults } from '../../checks.ts'
import { field, formatPath, string } from '../../cluster/json.ts'
import { aliasFor } from '../../engines/check.ts'
import type { Evidence, ResourceRef, Witness } from '../evidence.ts'
import { API_VERSION } from '../report.ts'

/** The JSON document of `policy eval`; docs/reference/v1alpha1.schema.json describes it. */
export interface PolicyResults {
  readonly apiVersion: typeof API_VERSION
  readonly kind: 'PolicyResults'
  readonly items: readonly PolicyResult[]
  readonly summary: Readonly<Record<string, CheckCount>>
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
}

export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly path: string
}

export function policyResults(results: CheckResults, seen: Witness): PolicyResults {
  return {
    apiVersion: API_VERSION,
    kind: 'PolicyResults',
    items: results.items.map((item) => policyResult(item, seen)),
    summary: Object.fromEntries(results.counts),
  }
}

export function policyResult(item: CheckItem, seen: Witness): PolicyResult {
  const { check, object, result, severity, message } = item
  const places = item.at().map((offence) => ({ ...offence, place: placeOf(item, offence.path, seen) }))
  const [first, ...rest] = places
  const location = first?.place ?? (result === 'pass' ? undefined : placeOf(item, [], seen))
  const more = rest.flatMap(({ container, place }) =>
    place ? [{ ...place, ...(container === undefined ? {} : { container }) }] : [],
  )
  return {
    policy: check.id,
    aliases: aliasesOf(item),
    resource: {
      apiVersion: string(field(object.body, 'apiVersion')) ?? '',
      kind: object.kind,
      namespace: object.namespace,
      name: object.name,
    },
    ...(first?.container === undefined ? {} : { container: first.container }),
    result,
    severity,
    message,
    ...(location ? { location } : {}),
    ...(more.length > 0 ? { more } : {}),
    ...(item.because.length > 0 ? { because: seen.evidence(item.because) } : {}),
  }
}

export function aliasesOf({ check, object }: CheckItem): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.keys(check.aliases).flatMap((tool) => {
      const alias = aliasFor(check, tool, object.kind)
      return alias === undefined ? [] : [[tool, alias]]
    }),
  )
}

function placeOf({ object }: CheckItem, path: CheckItemPath, seen: Witness): Place | undefined {
  const location = seen.locate(object, path)
  return location && { ...location, path: formatPath(path) }
}

type CheckItemPath = ReturnType<CheckItem['at']>[number]['path']
