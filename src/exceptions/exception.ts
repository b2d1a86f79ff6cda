import type { Location } from '../cluster/origin.ts'
import type { ResourceSelector } from './selector.ts'

/** A verdict that somebody accepted: for which resources, of which checks, why, who answers for it and until when. */
export interface Exception {
  /** What it is called where it stands: the name of an object, the key of an annotation, an entry of a file. */
  readonly name: string
  readonly kind: 'Exception' | 'annotation' | 'polaris' | 'kubescape' | 'trivy' | 'kube-linter'
  /** `given` by the user beside the scan, or found in the `tree` that is scanned. */
  readonly from: 'given' | 'tree'
  /** One of them selects the resource; of an annotation none is needed, it stands on its resource. */
  readonly resources: readonly ResourceSelector[]
  /** Ids, globs of ids, or `TOOL:ID` in the words of another tool. */
  readonly checks: readonly string[]
  readonly reason: string
  readonly owner?: string
  /** The last day on which it holds, YYYY-MM-DD. */
  readonly expires: string | 'never'
  place?(): Location | undefined
}

/** What was meant as an exception, or as part of one, and is none. */
export interface ExceptionNote {
  readonly kind: 'malformed' | 'not-carried-over'
  readonly text: string
  readonly location?: Location
}

export interface Decoded {
  readonly exceptions: readonly Exception[]
  readonly notes: readonly ExceptionNote[]
}

/** Whether a text is a day of the calendar, YYYY-MM-DD. */
export function isDay(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (!match) return false
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number]
  if (month < 1 || month > 12 || day < 1) return false
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return day <= (month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31)
}

/** An exception holds through the day that it names. Where no day is given as today, only those that never expire hold. */
export function holds({ expires }: Exception, today: string | undefined): boolean {
  return expires === 'never' || (today !== undefined && today <= expires)
}
