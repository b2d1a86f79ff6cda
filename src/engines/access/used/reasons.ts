/** How often an authorizer gave one reason for letting a request through. */
export interface ReasonSeen {
  readonly reason: string
  readonly times: number
  readonly first: number
  readonly last: number
}

export type OpenReason = { -readonly [Key in keyof ReasonSeen]: ReasonSeen[Key] }

/** Of one behaviour; further ones are counted as of no reason. */
const MOST_REASONS = 8

/** Adds a reason to those of a behaviour, of which there is nearly always one. */
export function addReason(known: OpenReason[], reason: string, time: number): void {
  for (const each of known) {
    if (each.reason !== reason) continue
    each.times++
    if (time < each.first) each.first = time
    if (time > each.last) each.last = time
    return
  }
  if (known.length < MOST_REASONS) known.push({ reason, times: 1, first: time, last: time })
  else if (reason !== '') addReason(known, known.length === MOST_REASONS ? '' : reason, time)
}
