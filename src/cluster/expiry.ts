import { at, field, isObject, type Path } from './json.ts'
import type { KubeObject } from './object.ts'

/**
 * Grants that end: annotations on (Cluster)RoleBindings and on RBACDefinitions. Kubernetes has none of its own
 * (kubernetes/kubernetes#87433 leaves it to what is built on it), so the object stays until somebody ends it: at a given
 * time the grant holds or it does not.
 */
export const EXPIRES = 'bulkhead.dev/expires'
export const STARTS = 'bulkhead.dev/starts'

/** When a grant holds: from `starts`, inclusive, to `expires`, exclusive; milliseconds since 1970. */
export interface Span {
  readonly starts?: number
  readonly expires?: number
  /** The annotations that are no time. They end nothing, so the grant counts as holding, and are to be told. */
  readonly invalid: readonly InvalidTime[]
}

export interface InvalidTime {
  readonly annotation: string
  readonly text: string
  readonly path: Path
}

const DAY = 'YYYY-MM-DD'
const DAY_MS = 86_400_000
const ALWAYS: Span = { invalid: [] }

/**
 * Of the whole object, and of one rbacBinding of a definition by its `name`: of both, the later start and the earlier end,
 * so that neither extends the other.
 */
export function spanOf(object: KubeObject, name?: string): Span {
  const annotations = at(object.body, 'metadata', 'annotations')
  if (!isObject(annotations)) return ALWAYS
  const invalid: InvalidTime[] = []
  const read = (kind: string): readonly number[] =>
    (name === undefined ? [kind] : [kind, `${kind}.${name}`]).flatMap((annotation) => {
      const text = field(annotations, annotation) ?? undefined
      if (text === undefined) return []
      const time = typeof text === 'string' ? parseTime(text) : undefined
      // A day is the last one on which the grant holds, as with exceptions.
      if (time !== undefined) return [kind === EXPIRES && String(text).length === DAY.length ? time + DAY_MS : time]
      invalid.push({
        annotation,
        text: typeof text === 'string' ? text : JSON.stringify(text),
        path: ['metadata', 'annotations', annotation],
      })
      return []
    })
  const starts = read(STARTS)
  const expires = read(EXPIRES)
  if (starts.length === 0 && expires.length === 0 && invalid.length === 0) return ALWAYS
  return {
    ...(starts.length === 0 ? {} : { starts: Math.max(...starts) }),
    ...(expires.length === 0 ? {} : { expires: Math.min(...expires) }),
    invalid,
  }
}

/** Whether the grant of an object holds at a time, in milliseconds since 1970. */
export function holdsAt(object: KubeObject, time: number): boolean {
  return stateAt(spanOf(object), time) === 'holds'
}

export type GrantState = 'holds' | 'not-begun' | 'expired'

export function stateAt({ starts, expires }: Span, time: number): GrantState {
  if (expires !== undefined && time >= expires) return 'expired'
  return starts !== undefined && time < starts ? 'not-begun' : 'holds'
}

const TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d))?$/

/** RFC 3339, or a day as the beginning of it in UTC; milliseconds since 1970, undefined for what is none. */
export function parseTime(text: string): number | undefined {
  const parts = text.length > 40 ? null : TIME.exec(text)
  if (!parts) return undefined
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((each) => Number(each ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  // The 30th of February would be a day of March.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const fraction = Math.floor(Number(`0.${parts[7] ?? 0}`) * 1000)
  const offset = offsetOf(parts[8] ?? 'Z')
  if (offset === undefined) return undefined
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + fraction - offset
}

function offsetOf(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4, 6))]
  if (hours > 23 || minutes > 59) return undefined
  return (hours * 60 + minutes) * 60_000 * (zone.startsWith('-') ? -1 : 1)
}
