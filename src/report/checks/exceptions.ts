import type { Location } from '../../cluster/origin.ts'
import type { ExceptionListing, ExceptionUse } from '../../exceptions/book.ts'
import type { Exception } from '../../exceptions/exception.ts'

/** Who accepted an item. */
export interface AcceptedBy {
  readonly name: string
  readonly kind: Exception['kind']
  readonly from: 'given' | 'tree'
  /** Empty where its tool asks for none. */
  readonly reason: string
  readonly owner?: string
  readonly expires: string
}

/** Every exception that the run met, in the order in which they were read, and what was meant as one. */
export interface ExceptionReport {
  readonly items: readonly ExceptionItem[]
  readonly notes: readonly ExceptionNoteItem[]
}

export interface ExceptionItem extends AcceptedBy {
  readonly checks: readonly string[]
  readonly state: ExceptionUse['state']
  /** Items that it silenced, wholly or for some containers; of an expired one, those that it would have. */
  readonly silenced: number
  /** Names of checks that no check of ours carries. */
  readonly unknownChecks?: readonly string[]
  /** Mandatory checks that it names: nothing excepts them. */
  readonly mandatory?: readonly string[]
  readonly location?: Location
}

export interface ExceptionNoteItem {
  readonly kind: 'malformed' | 'not-carried-over'
  readonly text: string
  readonly location?: Location
}

export function acceptedBy({ name, kind, from, reason, owner, expires }: Exception): AcceptedBy {
  return { name, kind, from, reason, ...(owner === undefined ? {} : { owner }), expires }
}

export function exceptionReport({ uses, notes }: ExceptionListing): ExceptionReport {
  return { items: uses.map(exceptionItem), notes }
}

function exceptionItem({ exception, state, silenced, unknownChecks, mandatory }: ExceptionUse): ExceptionItem {
  const location = exception.place?.()
  return {
    ...acceptedBy(exception),
    checks: exception.checks,
    state,
    silenced,
    ...(unknownChecks.length > 0 ? { unknownChecks } : {}),
    ...(mandatory.length > 0 ? { mandatory } : {}),
    ...(location ? { location } : {}),
  }
}
